// Uploads: one line a file, from waiting in this window to being searchable, or why not.
"use strict";
(() => {
  const { $, acts } = youju;
  const LANES = 3; // files on their way at once: more do not make one line faster
  const SCAN_EVERY_MS = 10000; // a long upload is indexed while it goes on
  const ASKED_AT_ONCE = 500; // the server takes no more
  const files = [];
  let lanes = 0;
  let unscanned = 0;
  let scannedAt = 0;
  let counting = false;
  const said = () => JSON.parse($("#library").dataset.words);
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const isLeft = (file) => file.state === "waiting" || file.state === "uploading";
  const isWithServer = (file) => file.state === "queued" || file.state === "indexing";

  // --- what is shown

  function element(tag, kind) {
    const made = document.createElement(tag);
    made.className = kind;
    return made;
  }

  function row(file, words) {
    const item = element("li", "upload");
    const name = document.createElement("bdi");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", file.name);
    const cancel = youju.button(words.cancel, () => stop(file));
    cancel.setAttribute("aria-label", filled(words.cancel_named, { name: file.name }));
    item.append(name, bar, element("span", "figures"), element("span", "reason"), element("span", "state"), cancel);
    file.row = item;
    show(file, words);
    return item;
  }

  function show(file, words) {
    const { row: item } = file;
    item.dataset.state = file.state;
    $(".state", item).textContent = words[`upload_${file.state}`];
    $(".reason", item).textContent = file.reason;
    $("button", item).hidden = !isLeft(file);
    if (file.state !== "uploading") $(".figures", item).textContent = "";
  }

  function become(file, state, reason = "") {
    if (file.state === state && file.reason === reason) return;
    Object.assign(file, { state, reason });
    show(file, said());
    count();
  }

  function count() {
    if (counting) return;
    counting = true;
    requestAnimationFrame(() => {
      counting = false;
      const head = $("#uploads .uploads-head");
      if (!head) return;
      const words = said();
      const counts = Object.entries(words).map(([name, word]) => [word, files.filter((file) => name === `upload_${file.state}`).length]);
      $("[role=status]", head).textContent = counts.filter(([, n]) => n).map(([word, n]) => `${word} ${n}`).join(" · ");
      $(".cancel-all", head).hidden = !files.some(isLeft);
      $(".clear", head).hidden = files.some((file) => isLeft(file) || isWithServer(file));
    });
  }

  youju.drawUploads = () => {
    const place = $("#uploads");
    if (!place) return;
    if (!files.length) { place.replaceChildren(); return; }
    const words = said();
    const head = element("p", "uploads-head");
    const title = document.createElement("b");
    title.textContent = words.uploads;
    const counts = element("span", "quiet");
    counts.setAttribute("role", "status");
    const cancel = youju.button(words.cancel_all, () => files.filter(isLeft).forEach(stop));
    const clear = youju.button(words.clear_list, () => { files.length = 0; youju.drawUploads(); });
    cancel.classList.add("cancel-all");
    clear.classList.add("clear");
    head.append(title, counts, cancel, clear);
    const list = document.createElement("ul");
    list.append(...files.map((file) => row(file, words)));
    place.replaceChildren(head, list);
    count();
  };

  // --- sending

  function stop(file) {
    if (!isLeft(file)) return;
    const { request } = file;
    become(file, "cancelled");
    request?.abort();
  }

  function progressed(file, started, { loaded, total }) {
    if (file.state !== "uploading") return;
    const words = said();
    const rate = loaded / Math.max((Date.now() - started) / 1000, 0.001);
    const seconds = Math.ceil((total - loaded) / rate);
    const left = seconds < 90 ? filled(words.seconds, { n: seconds }) : filled(words.minutes, { n: Math.round(seconds / 60) });
    const bar = $("progress", file.row);
    bar.max = total;
    bar.value = loaded;
    $(".figures", file.row).textContent = `${(rate / 1e6).toFixed(1)} MB/s · ${filled(words.sync_left, { left })}`;
  }

  function sent(file) {
    const request = new XMLHttpRequest();
    const started = Date.now();
    file.request = request;
    become(file, "uploading");
    return new Promise((resolve) => {
      request.upload.onprogress = (event) => progressed(file, started, event);
      request.onload = () => {
        if (request.status === 401) location.reload();
        let reply = {};
        try { reply = JSON.parse(request.responseText); } catch { /* not ours: the status says enough */ }
        if (request.status === 200) {
          file.document = reply.document;
          unscanned += 1;
          become(file, "queued");
        } else become(file, "failed", reply.error || said().upload_broken);
        resolve();
      };
      request.onerror = () => { become(file, "failed", said().upload_broken); resolve(); };
      request.onabort = resolve;
      request.open("PUT", youju.address("upload", { name: file.name }));
      request.send(file.content);
    });
  }

  async function lane() {
    lanes += 1;
    for (let file; (file = files.find((one) => one.state === "waiting")); ) {
      await sent(file);
      file.request = file.content = null; // a list of names is small, one of files need not be
      if (unscanned && Date.now() - scannedAt > SCAN_EVERY_MS) await scan();
    }
    lanes -= 1;
    if (!lanes && unscanned) await scan();
  }

  async function scan() {
    unscanned = 0;
    scannedAt = Date.now();
    await youju.send("rescan");
    youju.followWork();
  }

  function upload(chosen) {
    const words = said();
    const limit = Number($("#library").dataset.limit);
    if (!files.some(isLeft)) scannedAt = Date.now();
    for (const [name, content] of chosen) {
      const file = { name, content, state: "waiting", reason: "", document: null, request: null, row: null };
      if (name.split("/").some((part) => part.startsWith("."))) Object.assign(file, { state: "skipped", reason: words.upload_hidden });
      else if (content.size > limit) Object.assign(file, { state: "failed", reason: words.too_large });
      files.push(file);
    }
    youju.drawUploads();
    while (lanes < LANES && files.filter((file) => file.state === "waiting").length) lane();
  }

  /** Ask what has become of the files that the server has. */
  youju.refreshUploads = async () => {
    const open = files.filter(isWithServer).slice(0, ASKED_AT_ONCE);
    if (!open.length) return;
    const body = JSON.stringify(open.map((file) => file.document));
    const states = await youju.send("uploads", {}, { method: "POST", body, headers: { "content-type": "application/json" } });
    const words = said();
    for (const file of open) {
      const { state, reason } = states[file.document] ?? {};
      if (state === "stopped") become(file, "cancelled", words.upload_stopped);
      else if (state === "gone") become(file, "failed", words.not_there);
      else if (state) become(file, state, reason);
    }
  };

  // --- events

  async function* filesBelow(entry, path) {
    if (entry.isFile) {
      yield [path + entry.name, await new Promise((resolve, reject) => entry.file(resolve, reject))];
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!entries.length) return;
      for (const below of entries) yield* filesBelow(below, `${path}${entry.name}/`);
    }
  }

  acts.files = () => $("#pick-files").click();
  acts.folder = () => $("#pick-folder").click();

  document.addEventListener("change", (event) => {
    const picker = event.target;
    if (!picker.matches("#pick-files, #pick-folder") || !picker.files.length) return;
    upload([...picker.files].map((file) => [file.webkitRelativePath || file.name, file]));
    picker.value = "";
  });
  document.addEventListener("dragover", (event) => {
    if (!$("#library[data-changes='1']")?.offsetParent) return;
    event.preventDefault();
    $("#library").classList.add("over");
  });
  document.addEventListener("dragleave", () => $("#library")?.classList.remove("over"));
  document.addEventListener("drop", async (event) => {
    const library = $("#library[data-changes='1']");
    library?.classList.remove("over");
    if (!library?.offsetParent) return;
    event.preventDefault();
    const found = [];
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    for (const entry of entries) for await (const file of filesBelow(entry, "")) found.push(file);
    if (found.length) upload(found);
  });

  addEventListener("beforeunload", (event) => { if (files.some(isLeft)) event.preventDefault(); });
  addEventListener("pagehide", () => { if (unscanned) navigator.sendBeacon(youju.address("rescan")); });
})();
