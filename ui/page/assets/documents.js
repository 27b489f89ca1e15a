// The documents tab: its rows, the state of the sync, deleting with undo, and which documents a question is kept to.
"use strict";
(() => {
  const { $, all, acts } = youju;
  const chosen = new Set();
  youju.chosen = () => [...chosen];
  let page = 0;
  let lastRefresh = 0;
  let following = false;
  let again = false;

  youju.address = (path, values = {}) => `youju/library/${path}?${new URLSearchParams({ ...values, language: youju.language() })}`;
  youju.send = async (path, values, options = { method: "POST" }) => {
    const response = await fetch(youju.address(path, values), options);
    if (response.status === 401) location.reload();
    return response.json();
  };

  async function refreshRows() {
    const rows = $("#rows");
    if (!rows) return;
    lastRefresh = Date.now();
    const response = await fetch(youju.address("rows", { query: $("#find-documents").value, page }));
    if (response.status === 401) location.reload();
    if (!response.ok) return;
    rows.innerHTML = await response.text(); // escaped by the server
    for (const box of all(".choose", rows)) box.checked = chosen.has(box.dataset.document);
  }

  /** Show how the sync goes on until it has ended; once more where it has ended already. */
  youju.followWork = async () => {
    again = true;
    if (following) return;
    following = true;
    try {
      for (let running = true; running || again; ) {
        again = false;
        const work = await youju.send("work", {}, {});
        running = work.running;
        const place = $("#work");
        if (place && place.innerHTML !== work.html) place.innerHTML = work.html;
        await youju.refreshUploads();
        if ($("#rows")?.offsetParent && (Date.now() - lastRefresh > 3000 || !running)) await refreshRows();
        if (running) await youju.pause(700);
      }
    } finally { following = false; }
  };

  youju.line = (kind, text) => {
    const shown = document.createElement("p");
    shown.className = kind;
    const label = document.createElement("bdi");
    label.textContent = text;
    shown.append(label);
    return shown;
  };

  youju.button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "plain";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };

  function showUndo(reply) {
    const shown = youju.line(reply.error ? "undo failed" : "undo", reply.error || reply.said);
    if (reply.token) {
      shown.append(youju.button(reply.undo, async () => {
        showUndo(await youju.send("undo", { token: reply.token }));
        youju.followWork();
      }));
    }
    $("#undo").replaceChildren(shown);
  }

  async function tellScope() {
    // while an answer is on its way the visit must not change below it
    while ($("#conversation [data-state=working]")) await youju.pause(200);
    document.dispatchEvent(new CustomEvent("youju-scope", { detail: [...chosen] }));
  }

  acts.rescan = async () => { await youju.send("rescan"); youju.followWork(); };
  acts.cancel = () => youju.send("cancel");
  acts.turn = (pressed) => { page = Number(pressed.dataset.page); refreshRows(); };
  acts["scope-clear"] = () => {
    chosen.clear();
    for (const box of all(".choose")) box.checked = false;
    tellScope();
  };
  acts.delete = async (pressed) => {
    if (!confirm(pressed.dataset.ask)) return;
    showUndo(await youju.send("delete", { document: pressed.dataset.document }));
    refreshRows(); // what is gone is gone at once, the sync follows
    youju.followWork();
  };

  let searching = 0;
  document.addEventListener("input", (event) => {
    if (event.target.id !== "find-documents") return;
    clearTimeout(searching);
    searching = setTimeout(() => { page = 0; refreshRows(); }, 150);
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!box.matches(".choose")) return;
    if (box.checked) chosen.add(box.dataset.document); else chosen.delete(box.dataset.document);
    tellScope();
  });

  /** Fill the tab in where the server has drawn it anew, which takes the mark away. */
  youju.followLibrary = () => {
    const library = $("#library");
    if (!library || library.dataset.filled) return;
    library.dataset.filled = "yes";
    youju.drawUploads();
    refreshRows();
    youju.followWork();
  };
})();
