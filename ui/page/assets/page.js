// What happens without the server: markers and cards, the original, copying, the documents tab.
// Text from documents is never put together here: it comes as escaped HTML, or goes in as textContent.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const language = () => (document.documentElement.lang.startsWith("zh") ? "zh" : "en");
  const isPhone = () => matchMedia("(max-width: 860px)").matches;
  let panelOpener = null; // what has the focus back when the panel closes
  let viewOpener = null; // and when the original closes

  // --- evidence

  function showEvidence(turn) {
    for (const section of all("#panel .evidence")) section.hidden = section.dataset.turn !== String(turn);
  }

  function openPanel(from) {
    if (!isPhone()) return;
    panelOpener = from;
    document.body.classList.add("evidence-open");
  }

  function closePanel() {
    if (!document.body.classList.contains("evidence-open")) return;
    document.body.classList.remove("evidence-open");
    panelOpener?.focus();
  }

  function openCard(marker) {
    const { turn, marker: number } = marker.dataset;
    showEvidence(turn);
    openPanel(marker);
    for (const other of all(".marker")) other.removeAttribute("aria-expanded");
    for (const card of all("#panel .card")) card.classList.remove("open");
    const card = document.getElementById(`card-${turn}-${number}`);
    if (!card) return;
    marker.setAttribute("aria-expanded", "true");
    card.classList.add("open");
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
    $("mark", card)?.scrollIntoView({ block: "nearest" }); // a card may be taller than the window
  }

  function backToMarker(button) {
    const { turn, marker } = button.dataset;
    document.body.classList.remove("evidence-open");
    const target = document.getElementById(`marker-${turn}-${marker}`);
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
  }

  // --- the original

  function originalView() {
    let view = $("#original-view");
    if (view) return view;
    view = document.createElement("dialog");
    view.id = "original-view";
    const bar = document.createElement("p");
    const title = document.createElement("b");
    const close = document.createElement("button");
    close.type = "button";
    close.addEventListener("click", () => view.close());
    bar.append(title, close);
    view.append(bar, document.createElement("iframe"));
    view.addEventListener("close", () => { if (!view.open) viewOpener?.focus(); });
    view.addEventListener("click", (event) => { if (event.target === view) view.close(); });
    document.body.append(view);
    return view;
  }

  function openOriginal(link) {
    const view = originalView();
    const frame = document.createElement("iframe"); // a new one: the last document is not shown while this one comes
    frame.setAttribute("sandbox", "allow-same-origin"); // no scripts, no forms, no pop-ups
    viewOpener = link;
    $("b", view).textContent = link.dataset.title;
    view.setAttribute("aria-label", link.dataset.title);
    frame.title = link.dataset.title;
    $("button", view).textContent = language() === "zh" ? "关闭" : "Close";
    frame.src = link.href;
    $("iframe", view).replaceWith(frame);
    view.showModal();
  }

  // --- copying

  async function copy(button) {
    const text = button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch { // without HTTPS there is no clipboard for scripts
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    const label = button.textContent;
    button.textContent = button.dataset.done;
    announce(button.dataset.done);
    setTimeout(() => { button.textContent = label; }, 1600);
  }

  function announce(text) {
    let place = $("#said");
    if (!place) {
      place = document.createElement("div");
      place.id = "said";
      place.className = "sr";
      place.setAttribute("role", "status");
      document.body.append(place);
    }
    place.textContent = text;
  }

  // --- the documents tab

  const chosen = new Set();
  let page = 0;
  let lastUndo = null;
  const address = (path, values = {}) => `youju/library/${path}?${new URLSearchParams({ ...values, language: language() })}`;

  async function send(path, values, options = { method: "POST" }) {
    const response = await fetch(address(path, values), options);
    if (response.status === 401) location.reload();
    return response.json();
  }

  async function refreshRows() {
    const rows = $("#rows");
    if (!rows) return;
    const response = await fetch(address("rows", { query: $("#find-documents").value, page }));
    if (response.status === 401) location.reload();
    if (!response.ok) return;
    rows.innerHTML = await response.text(); // escaped by the server
    for (const box of all(".choose", rows)) box.checked = chosen.has(box.dataset.document);
  }

  let following = false;
  async function followWork() {
    if (following) return;
    following = true;
    try {
      let running = true;
      while (running) {
        const work = await send("work", {}, {});
        running = work.running;
        const place = $("#work");
        if (place && place.innerHTML !== work.html) place.innerHTML = work.html;
        await refreshRowsIfShown();
        if (running) await new Promise((resume) => setTimeout(resume, 700));
      }
    } finally { following = false; }
  }

  let lastRefresh = 0;
  async function refreshRowsIfShown() {
    if ($("#rows")?.offsetParent && (Date.now() - lastRefresh > 3000 || !$("#work .running"))) {
      lastRefresh = Date.now();
      await refreshRows();
    }
  }

  function line(kind, text) {
    const shown = document.createElement("p");
    shown.className = kind;
    const label = document.createElement("bdi");
    label.textContent = text;
    shown.append(label);
    return shown;
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "plain";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  const said = {
    zh: { cancel: "取消", cancelled: "已取消上传", done: (n) => `已上传 ${n} 个文件`, failed: "上传失败", left: (s) => `约剩 ${s} 秒` },
    en: { cancel: "Cancel", cancelled: "Upload cancelled", done: (n) => `${n} files uploaded`, failed: "upload failed", left: (s) => `about ${s} s left` },
  };

  function uploadOne(name, file, onProgress) {
    const request = new XMLHttpRequest();
    const finished = new Promise((resolve) => {
      request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
      request.onload = () => {
        let reply = {};
        try { reply = JSON.parse(request.responseText); } catch { /* not ours: the status says enough */ }
        resolve(request.status === 200 ? "" : reply.error || said[language()].failed);
      };
      request.onerror = () => resolve(said[language()].failed);
      request.onabort = () => resolve(null);
      request.open("PUT", address("upload", { name }));
      request.send(file);
    });
    return { request, finished };
  }

  async function upload(files) {
    const place = $("#uploads");
    const words = said[language()];
    const limit = Number($("#library").dataset.limit);
    place.replaceChildren();
    let count = 0;
    let stopped = false;
    let current = null;
    const row = line("upload", "");
    const bar = document.createElement("progress");
    const figures = document.createElement("span");
    row.append(bar, figures, button(words.cancel, () => { stopped = true; current?.abort(); }));
    place.append(row);
    for (const [name, file] of files) {
      if (stopped) break;
      $("bdi", row).textContent = `${count + 1} / ${files.length} ${name}`;
      bar.setAttribute("aria-label", name);
      bar.value = 0;
      if (file.size > limit) {
        place.append(line("upload failed", `${name}: ${$("#library").dataset.tooLarge}`));
        continue;
      }
      const started = Date.now();
      const { request, finished } = uploadOne(name, file, (loaded, total) => {
        const seconds = Math.max((Date.now() - started) / 1000, 0.001);
        const rate = loaded / seconds;
        bar.max = total;
        bar.value = loaded;
        figures.textContent = `${(rate / 1e6).toFixed(1)} MB/s · ${words.left(Math.ceil((total - loaded) / rate))}`;
      });
      current = request;
      const error = await finished;
      if (error) place.append(line("upload failed", `${name}: ${error}`));
      else if (error === "") count += 1;
    }
    row.remove();
    place.prepend(line("upload", stopped ? words.cancelled : words.done(count)));
    if (count) await send("rescan");
    followWork();
  }

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

  async function remove(pressed) {
    if (!confirm(pressed.dataset.ask)) return;
    const reply = await send("delete", { document: pressed.dataset.document });
    showUndo(reply);
    followWork();
  }

  function showUndo(reply) {
    const place = $("#undo");
    const shown = line(reply.error ? "undo failed" : "undo", reply.error || reply.said);
    if (reply.token) {
      lastUndo = reply.token;
      shown.append(button(reply.undo, async () => { showUndo(await send("undo", { token: lastUndo })); followWork(); }));
    }
    place.replaceChildren(shown);
  }

  function tellScope() {
    document.dispatchEvent(new CustomEvent("youju-scope", { detail: [...chosen] }));
  }

  const acts = {
    files: () => $("#pick-files").click(),
    folder: () => $("#pick-folder").click(),
    rescan: async () => { await send("rescan"); followWork(); },
    cancel: () => send("cancel"),
    delete: remove,
    turn: (pressed) => { page = Number(pressed.dataset.page); refreshRows(); },
    "scope-clear": () => { chosen.clear(); for (const box of all(".choose")) box.checked = false; tellScope(); },
  };

  // --- events

  document.addEventListener("click", (event) => {
    const target = event.target.closest("button, a.original");
    if (!target) return;
    if (target.matches(".marker")) openCard(target);
    else if (target.matches(".number")) backToMarker(target);
    else if (target.matches(".copy")) copy(target);
    else if (target.matches(".close-evidence")) closePanel();
    else if (target.matches(".show-evidence")) {
      showEvidence(target.dataset.turn);
      openPanel(target);
      document.getElementById(`evidence-head-${target.dataset.turn}`)?.focus();
    } else if (target.matches("a.original")) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own, as with any link
      event.preventDefault();
      openOriginal(target);
    } else if (acts[target.dataset.act]) acts[target.dataset.act](target);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !$("#original-view")?.open) closePanel();
  });

  let searching = 0;
  document.addEventListener("input", (event) => {
    if (event.target.id !== "find-documents") return;
    clearTimeout(searching);
    searching = setTimeout(() => { page = 0; refreshRows(); }, 150);
  });

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches(".choose")) {
      if (target.checked) chosen.add(target.dataset.document); else chosen.delete(target.dataset.document);
      tellScope();
    } else if (target.matches("#pick-files, #pick-folder") && target.files.length) {
      upload([...target.files].map((file) => [file.webkitRelativePath || file.name, file]));
      target.value = "";
    }
  });

  document.addEventListener("dragover", (event) => {
    if ($("#library[data-changes='1']")?.offsetParent) {
      event.preventDefault();
      $("#library").classList.add("over");
    }
  });
  document.addEventListener("dragleave", () => $("#library")?.classList.remove("over"));
  document.addEventListener("drop", async (event) => {
    const library = $("#library[data-changes='1']");
    library?.classList.remove("over");
    if (!library?.offsetParent) return;
    event.preventDefault();
    const files = [];
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    for (const entry of entries) for await (const found of filesBelow(entry, "")) files.push(found);
    if (files.length) upload(files);
  });

  // --- sample questions, which the server makes while the first visitor is looking

  let awaiting = false;
  async function awaitSamples() {
    if (awaiting) return;
    awaiting = true;
    for (let tries = 0; tries < 40 && $("#samples") && !$("#samples").childElementCount; tries += 1) {
      const response = await fetch(`youju/samples?language=${language()}`);
      const shown = response.ok ? await response.text() : "";
      const place = $("#samples");
      if (place && shown) place.innerHTML = shown; // escaped by the server
      else await new Promise((resume) => setTimeout(resume, 2000));
    }
    awaiting = false;
  }

  // --- what the server has drawn anew

  let shownLibrary = null;
  let announced = "";
  function follow() {
    const top = $("header.top");
    if (top) document.documentElement.lang = top.dataset.language === "zh" ? "zh-CN" : "en";
    const turns = all("#conversation .turn");
    const last = turns[turns.length - 1];
    if (last) {
      const state = `${last.dataset.turn} ${last.dataset.state}`;
      if (state !== announced) {
        announced = state;
        last.scrollIntoView({ block: last.dataset.state === "working" ? "end" : "nearest" });
        if (last.dataset.state !== "working") announce($(".reply", last)?.textContent || "");
      }
    }
    if ($("#samples:empty")) awaitSamples();
    const library = $("#library");
    if (library && library !== shownLibrary) {
      shownLibrary = library;
      refreshRows();
      followWork();
    }
    const box = $("#question textarea");
    if (box && !box.getAttribute("aria-label")) box.setAttribute("aria-label", language() === "zh" ? "问题" : "Question");
  }
  new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
  follow();
})();
