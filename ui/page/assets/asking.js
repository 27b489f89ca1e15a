// Asking: the question is in the page at once, and what becomes of it arrives turn by turn, never the whole conversation.
"use strict";
(() => {
  const { $, all } = youju;
  const WATCH_MS = 5000;
  const working = () => $("#conversation [data-state=working]");
  let asked = 0; // tells the news of one question from those of another

  function made(html) {
    const template = document.createElement("template");
    template.innerHTML = html; // escaped by the server
    return template.content.firstElementChild;
  }

  function drawn(html, question) {
    const turn = made(html);
    turn.removeAttribute("id");
    $(".question bdi", turn).textContent = question;
    return turn;
  }

  /** What the visitor sees here: a server that was started anew, or has not seen this tab for long, knows nothing of it. */
  const shown = () => ({
    scope: youju.chosen(),
    language: $("#head header")?.dataset.language,
    last: Math.max(0, ...all("#conversation .turn[data-turn]").map((turn) => Number(turn.dataset.turn))),
  });

  /** Return whether the question was sent: one that is empty is not, nor one while another is being answered. */
  function ask(text) {
    const question = text.trim();
    const turns = $("#conversation .turns");
    if (!question || !turns || working()) return false;
    $(".welcome", turns)?.remove();
    const turn = drawn(turns.dataset.working, question);
    turns.append(turn);
    youju.showEvidence("pending");
    turn.scrollIntoView({ block: "end" });
    asked += 1;
    document.dispatchEvent(new CustomEvent("youju-ask", { detail: { question, asked, ...shown() } }));
    watchServer(asked);
    return true;
  }

  /** The framework says nothing of a question when the server has gone: it tries to reach it again for ever. */
  async function watchServer(number) {
    for (;;) {
      await youju.pause(WATCH_MS);
      if (!working() || number !== asked) return;
      const isThere = await fetch("healthz").then((response) => response.ok, () => false);
      if (!isThere && number === asked) lose();
    }
  }

  const latestEvidence = () => all("#panel .evidence[id]").at(-1)?.dataset.turn;

  function lose() {
    const place = working();
    if (!place) return;
    const turn = drawn($("#conversation .turns").dataset.lost, $(".question bdi", place).textContent);
    place.replaceWith(turn);
    youju.showEvidence(latestEvidence());
    turn.scrollIntoView({ block: "nearest" });
    youju.announce($(".reply .text", turn).textContent);
  }

  function askFromBox() {
    const box = $("#question textarea");
    if (!ask(box.value)) return;
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true })); // the framework keeps the value as well
  }

  function showNews(news) {
    const place = working();
    if (!place || news.asked !== asked) return; // the conversation was begun anew
    const turn = made(news.turn);
    place.replaceWith(turn);
    if (!news.evidence && turn.dataset.state === "working") return;
    if (news.evidence) $("#panel .sections").append(made(news.evidence));
    youju.showEvidence(latestEvidence());
    for (const old of all("#conversation .turn, #panel .evidence")) if (Number(old.dataset.turn) < news.oldest) old.remove();
    turn.scrollIntoView({ block: "nearest" });
    youju.announce($(".reply", turn)?.textContent ?? "");
  }

  document.addEventListener("youju-news", (event) => { if (event.detail?.turn) showNews(event.detail); });
  document.addEventListener("youju-lost", lose);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || !event.target.matches("#question textarea")) return;
    if (event.isComposing || event.keyCode === 229) return; // Enter takes a word of an input method
    event.preventDefault();
    event.stopPropagation();
    askFromBox();
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("#send")) askFromBox();
    const sample = event.target.closest(".sample");
    if (sample) ask(sample.dataset.question);
  });
  youju.acts["ask-again"] = (pressed) => ask($(".question bdi", pressed.closest(".turn")).textContent);

  document.addEventListener("click", (event) => { // back from the documents: beside the evidence of the last turn
    if (event.target.closest("[role=tab]")) setTimeout(() => all("#conversation .turn").at(-1)?.scrollIntoView({ block: "nearest" }), 50);
  });

  // --- sample questions, which the server makes while the first visitor is looking

  let awaiting = false;
  async function awaitSamples() {
    if (awaiting) return;
    awaiting = true;
    let shown = null;
    for (let tries = 0; tries < 60 && $("#samples .more"); tries += 1) {
      await youju.pause(tries ? 1000 : 300);
      const response = await fetch(`youju/samples?language=${youju.language()}`).catch(() => null);
      const html = response?.ok ? await response.text() : shown;
      const place = $("#samples");
      if (place && html !== shown) place.innerHTML = html; // escaped by the server
      shown = html;
    }
    awaiting = false;
  }

  // --- what the server has drawn anew

  function follow() {
    const top = $("header.top");
    if (top) document.documentElement.lang = top.dataset.language === "zh" ? "zh-CN" : "en";
    if ($("#samples .more")) awaitSamples();
    const box = $("#question textarea");
    if (box && !box.dataset.seen) {
      box.dataset.seen = "yes";
      if (!matchMedia("(pointer: coarse)").matches) box.focus(); // which opens a keyboard over half of the screen there
    }
    if (box && top && box.getAttribute("aria-label") !== top.dataset.question) box.setAttribute("aria-label", top.dataset.question);
    youju.followLibrary();
  }
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
    follow();
  });
})();
