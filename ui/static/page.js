// Joins footnote pills to their cards. The server sends the evidence of the latest answer; that of
// earlier ones is kept here, so that a pill of any turn still finds its card.
(() => {
  "use strict";
  const kept = new Map(); // turn -> markup of its evidence, as the server sent it
  const $ = (selector, root = document) => root.querySelector(selector);
  const live = () => $("#evidence .ev");
  const input = () => $("#ask textarea");

  function keep() {
    const now = live();
    if (!now || now.dataset.turn === "0") return;
    if (kept.get(now.dataset.turn) === now.outerHTML) return;
    if (now.dataset.turn === "1") kept.clear(); // a new conversation
    kept.set(now.dataset.turn, now.outerHTML);
    showLive();
    const column = $("#evidence-col");
    if (column) column.scrollTop = 0;
  }

  function showLive() {
    const earlier = $("#earlier");
    if (earlier) earlier.replaceChildren();
    document.body.classList.remove("looking-back");
  }

  function showEarlier(turn) {
    const earlier = $("#earlier");
    if (!earlier || !kept.has(turn)) return;
    earlier.innerHTML = '<p class="back"><a href="#latest">Back to the latest answer</a></p>' + kept.get(turn);
    document.body.classList.add("looking-back");
  }

  function light(pill, card) {
    document.querySelectorAll(".cite.on, .card.on").forEach((e) => e.classList.remove("on"));
    pill.classList.add("on");
    card.classList.add("on");
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    card.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    card.focus({ preventScroll: true });
  }

  function follow(pill) {
    const id = pill.getAttribute("href").slice(1);
    const turn = id.split("-")[1];
    const now = live();
    if (now && now.dataset.turn === turn) showLive(); else showEarlier(turn);
    const card = document.getElementById(id);
    if (card) light(pill, card);
  }

  function goUp(href) {
    const pills = document.querySelectorAll(`#chat a.cite[href="#fn-${href.slice(4)}"]`);
    const pill = [...pills].find((e) => e.classList.contains("on")) || pills[0];
    if (!pill) return;
    pill.scrollIntoView({ block: "center" });
    pill.focus({ preventScroll: true });
  }

  function write(text) {
    const box = input();
    if (!box) return;
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, text);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  }

  function copy(link) {
    const turn = link.getAttribute("href").split("-")[1];
    const holder = document.createElement("div");
    holder.innerHTML = kept.get(turn) || "";
    const text = $(".as-text", holder);
    if (!text || !navigator.clipboard) return;
    navigator.clipboard.writeText(text.textContent).then(() => {
      link.textContent = "Copied";
      setTimeout(() => { link.textContent = "Copy with footnotes"; }, 1600);
    });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[href^="#"]');
    if (!link) return;
    const href = link.getAttribute("href");
    if (link.classList.contains("cite")) follow(link);
    else if (link.classList.contains("ask")) write(link.textContent);
    else if (href.startsWith("#copy-")) copy(link);
    else if (href.startsWith("#up-")) goUp(href);
    else if (href === "#latest") showLive();
    else return;
    event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    const typing = at && (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.isContentEditable);
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = input();
    if (box) { box.focus(); event.preventDefault(); }
  });

  function label() {
    const button = $("#ask button:not([aria-label])");
    if (button) button.setAttribute("aria-label", "Ask");
    const examples = $("#chat .examples[role=list]");
    if (examples) examples.removeAttribute("role"); // Gradio's list holds buttons, not list items
  }

  let watched = false;
  function settle() {
    label();
    keep();
    const panel = $("#evidence");
    if (!panel || watched) return;
    watched = true;
    const note = $("#state"), usual = note && note.innerHTML;
    (function ask() {
      fetch("/healthz").then((r) => r.json()).catch(() => ({})).then(({ status }) => {
        if (!note || status === "ok") { if (note) note.innerHTML = usual; return; }
        note.textContent = status === "failed" ? "The library could not be opened."
          : "Opening the library \u2026 you can already ask.";
        if (status !== "failed") setTimeout(ask, 1500);
      });
    })();
  }
  let due = 0;
  new MutationObserver(() => {
    if (!due) due = requestAnimationFrame(() => { due = 0; settle(); });
  }).observe(document, { childList: true, subtree: true });
})();
