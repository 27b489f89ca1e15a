// What happens without the server: markers and cards, the original, copying. The other scripts share what is in `youju`.
// Text from documents is never put together here: it comes as escaped HTML, or goes in as textContent.
"use strict";
const youju = {
  $: (selector, root = document) => root.querySelector(selector),
  all: (selector, root = document) => [...root.querySelectorAll(selector)],
  language: () => (document.documentElement.lang.startsWith("zh") ? "zh" : "en"),
  pause: (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds)),
  acts: {}, // what a button does, by its data-act
};
(() => {
  const { $, all } = youju;
  const phone = matchMedia("(max-width: 860px)");
  let panelOpener = null; // what has the focus back when the panel closes
  let viewOpener = null; // and when the original closes

  // --- evidence

  /** No marker is open any more, and no card is the one of a marker. */
  function unmark() {
    for (const marker of all(".marker")) marker.removeAttribute("aria-expanded");
    for (const card of all("#panel .card")) card.classList.remove("open");
  }

  /** Show the evidence of a turn; where it has none, what is said instead. */
  function showEvidence(turn) {
    unmark();
    for (const section of all("#panel .evidence")) section.hidden = section.dataset.turn !== String(turn);
    const empty = $("#panel .sections > .empty");
    if (empty) empty.hidden = Boolean($("#panel .evidence:not([hidden])"));
    for (const button of all(".show-evidence")) {
      if (button.dataset.turn === String(turn)) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
  youju.showEvidence = showEvidence;

  function openPanel(from) {
    if (!phone.matches) return;
    panelOpener = from;
    layOver(true);
  }

  function closePanel() {
    if (!document.body.classList.contains("evidence-open")) return;
    layOver(false);
    panelOpener?.focus();
  }

  /** Lay the evidence over the chat or take it away; what lies below cannot be reached with the keyboard. */
  function layOver(isOver) {
    document.body.classList.toggle("evidence-open", isOver);
    if (!isOver) unmark();
    for (const below of all("#head, #chat, #tabs [role=tablist]")) below.inert = isOver;
  }

  function openCard(marker) {
    const { turn, marker: number } = marker.dataset;
    showEvidence(turn);
    openPanel(marker);
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
    layOver(false);
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
    $("button", view).textContent = $(".close-evidence").getAttribute("aria-label");
    frame.src = link.href.replace("#", "&framed=true#"); // its title stands above it already
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
    youju.announce(button.dataset.done);
    setTimeout(() => { button.textContent = label; }, 1600);
  }

  youju.announce = (text) => {
    let place = $("#said");
    if (!place) {
      place = document.createElement("div");
      place.id = "said";
      place.className = "sr";
      place.setAttribute("role", "status");
      document.body.append(place);
    }
    place.textContent = text;
  };

  // --- events

  document.addEventListener("click", (event) => { // on a phone, beside the evidence that lies over the chat
    if (!phone.matches || !document.body.classList.contains("evidence-open")) return;
    if (event.target.closest("#evidence, #original-view")) return;
    event.preventDefault();
    event.stopPropagation();
    closePanel();
  }, true);
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
    } else youju.acts[target.dataset.act]?.(target);
  });

  phone.addEventListener("change", () => layOver(false)); // a phone that was turned
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !$("#original-view")?.open) closePanel();
  });
})();
