// Documents that a reader drops on the page: sent one by one, shown with what was found in them, added when the
// reader says so. Whatever comes from a file is set as text, never as markup.
(() => {
  "use strict";
  const MARK = "x-footnote-file";
  const link = () => document.querySelector("a[href='#add']");
  const plural = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
  let box, list, all;

  function make(tag, said = {}, ...inside) {
    const found = document.createElement(tag);
    for (const [name, value] of Object.entries(said)) {
      if (name === "text") found.textContent = value;
      else if (name.startsWith("on")) found.addEventListener(name.slice(2), value);
      else found.setAttribute(name, value);
    }
    found.append(...inside);
    return found;
  }

  function limits() { return JSON.parse(link().dataset.limits); }

  function build() {
    if (box) return;
    const accept = Object.keys(limits()).join(",");
    const input = make("input", { type: "file", multiple: "", accept, id: "add-files", class: "away" });
    input.addEventListener("change", () => { send(input.files); input.value = ""; });
    list = make("ul", { class: "sent", "aria-live": "polite" });
    all = make("p", { class: "all", hidden: "" });
    box = make("dialog", { id: "add", "aria-labelledby": "add-title" },
      make("header", {}, make("h2", { id: "add-title", text: "Add documents" }),
        make("button", { type: "button", class: "close", "aria-label": "Close", text: "\u00d7", onclick: () => box.close() })),
      make("label", { class: "drop", for: "add-files" }, input, make("span", { class: "choose", text: "Choose files" }),
        make("span", { text: " or drop them here" }),
        make("small", { text: "PDF, DOCX, PPTX, XLSX, CSV, EPUB, HTML, Markdown and text. They go into the library that answers here." })),
      all, list);
    new MutationObserver(tally).observe(list, { childList: true, subtree: true, attributeFilter: ["data-state"] });
    document.body.append(box);
  }

  const ready = () => [...list.querySelectorAll("li[data-state=proposed] form")];

  function tally() {
    const count = ready().length;
    all.hidden = count < 2;
    if (all.dataset.count === String(count)) return;
    all.dataset.count = count;
    all.replaceChildren(make("span", { text: `${plural(count, "document")} can be added.` }),
      make("button", { type: "button", text: `Add all ${count}`, onclick: () => ready().forEach((f) => f.requestSubmit()) }));
  }

  function open() { build(); if (!box.open) box.showModal(); }

  async function call(path, method = "GET", body) {
    const answer = await fetch(`/uploads${path}`, {
      method, headers: { [MARK]: "", "content-type": "application/json" }, body: body && JSON.stringify(body),
    }).catch(() => null);
    const said = answer ? await answer.json().catch(() => ({})) : {};
    return answer && answer.ok ? said : { ...said, failed: true, error: said.error || "the server does not answer" };
  }

  function wrong(file) {
    const suffix = file.name.includes(".") ? "." + file.name.split(".").pop().toLowerCase() : "";
    const most = limits()[suffix];
    if (most === undefined) {
      const kind = suffix ? `of the type ${suffix}` : "without an ending";
      return `files ${kind} cannot be read yet; readable are ${Object.keys(limits()).join(", ")}`;
    }
    if (!file.size) return "the file is empty; choose another";
    const n = (v) => v.toLocaleString("en");
    return file.size > most ? `${n(file.size)} bytes are more than the limit of ${n(most)}; split the document` : "";
  }

  async function send(files) {
    for (const file of [...files]) {
      const card = make("li", {}, make("p", { class: "name", text: file.name }), make("div", { class: "state" }));
      list.append(card);
      const why = wrong(file);
      if (why) { refuse(card, why); continue; }
      const said = await sent(card, file);
      if (said.id) follow(card, said); else refuse(card, said.error || "the server does not answer");
    }
  }

  function sent(card, file) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("POST", "/uploads");
      request.setRequestHeader(MARK, encodeURIComponent(file.name));
      request.setRequestHeader("content-type", "application/octet-stream");
      request.upload.onprogress = (e) => bar(card, "Sending", e.loaded, e.total);
      request.onloadend = () => {
        try { done(JSON.parse(request.responseText)); } catch { done({}); }
      };
      bar(card, "Sending", 0, file.size);
      request.send(file);
    });
  }

  async function follow(card, said) {
    for (;;) {
      show(card, said);
      if (!["waiting", "reading", "adding", "receiving"].includes(said.state)) return;
      await new Promise((go) => setTimeout(go, 400));
      const next = await call(`/${said.id}`);
      if (next.failed) return refuse(card, next.error);
      said = next;
    }
  }

  const state = (card, ...inside) => { card.dataset.state = ""; card.querySelector(".state").replaceChildren(...inside); };

  function bar(card, what, done, total) {
    const shown = card.querySelector("progress");
    const words = total ? `${what}, ${Math.round(100 * done / total)} %` : `${what} \u2026`;
    if (shown && card.dataset.doing === what) {
      card.querySelector(".doing").textContent = words;
      if (total) { shown.max = total; shown.value = done; }
      return;
    }
    card.dataset.doing = what;
    const drawn = make("progress", { "aria-label": what });
    if (total) { drawn.max = total; drawn.value = done; }
    state(card, make("p", { class: "doing", text: words }), drawn);
  }

  function refuse(card, why) {
    state(card, make("p", { class: "why", text: why.charAt(0).toUpperCase() + why.slice(1) + (/[.!?]$/.test(why) ? "" : ".") }),
      make("p", { class: "do" }, leave(card, null, "Remove from list")));
    card.dataset.state = "refused";
  }

  function leave(card, id, text = "Leave out") {
    return make("button", { type: "button", class: "plain", text, onclick: () => {
      if (id) call(`/${id}`, "DELETE");
      card.remove();
    } });
  }

  function show(card, said) {
    if (said.state === "waiting") bar(card, "Waiting", 0, 0);
    else if (said.state === "reading") bar(card, "Reading", 0, 0);
    else if (said.state === "adding") bar(card, "Adding", said.done || 0, said.total || 0);
    else if (said.state === "refused") refuse(card, said.error);
    else if (said.state === "locked") locked(card, said);
    else if (said.state === "proposed") proposed(card, said);
    else if (said.state === "added") added(card, said);
  }

  function locked(card, said) {
    const word = make("input", { type: "password", autocomplete: "off", "aria-label": "Password" });
    const form = make("form", { class: "do" }, word, make("button", { text: "Open" }), leave(card, said.id));
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const next = await call(`/${said.id}/password`, "POST", { password: word.value });
      if (next.failed) refuse(card, next.error); else follow(card, next);
    });
    state(card, make("p", { text: said.error }), form);
    card.dataset.state = "locked";
  }

  function amounts(found) {
    const parts = [];
    if (found.pages) parts.push(plural(found.pages, "page"));
    parts.push(plural(found.passages, "passage"));
    if (found.tables) parts.push(`${plural(found.tables, "table")} with ${plural(found.cells, "cell")}`);
    return parts.join(", ");
  }

  function remarks(found) {
    const said = [...found.remarks];
    if (found.doubtful) said.push(`${plural(found.doubtful, "cell")} not confirmed by a second reading, not quoted`);
    return said.map((text) => make("p", { class: "remark", text: text.charAt(0).toUpperCase() + text.slice(1) + "." }));
  }

  function field(name, words, value, hint = "") {
    const id = `add-${name}-${Math.random().toString(36).slice(2)}`;
    return [make("label", { for: id, text: words }), make("input", { id, name, value, placeholder: hint })];
  }

  function proposed(card, said) {
    const found = said.found;
    if (found.outcome === "unchanged") {
      state(card, make("p", { class: "done", text: "It is in the library already, unchanged." }),
        make("p", { class: "do" }, leave(card, said.id, "Remove from list")));
      return;
    }
    const problem = make("p", { class: "why", role: "alert" });
    const form = make("form", {},
      make("div", { class: "found" },
        ...field("title", "Title", found.title),
        ...field("publisher", "Publisher", found.publisher, "not found in it"),
        ...field("published", "Date", found.published, "not found in it; like 2025-01-02, 2025-01 or 2025")),
      make("p", { class: "amounts", text: amounts(found) }), ...remarks(found),
      ...(found.outcome === "replaced"
        ? [make("p", { class: "remark", text: "It replaces the document of this name that was added before." })] : []),
      problem,
      make("p", { class: "do" }, make("button", { class: "main", text: "Add to the library" }), leave(card, said.id)));
    form.addEventListener("submit", async (e) => {
      e.preventDefault();
      const next = await call(`/${said.id}/add`, "POST", Object.fromEntries(new FormData(form)));
      if (next.failed) problem.textContent = next.error.charAt(0).toUpperCase() + next.error.slice(1) + ".";
      else follow(card, next);
    });
    state(card, form);
    card.dataset.state = "proposed";
  }

  function added(card, said) {
    const entry = said.entry;
    const counts = [plural(entry.passages, "passage")];
    if (entry.cells) counts.push(`${plural(entry.cells, "cell")} of tables`);
    const verb = { added: "Added", replaced: "Replaced", unchanged: "Unchanged" }[entry.outcome] || entry.outcome;
    const ask = make("button", { type: "button", class: "main", text: "Ask about it", onclick: () => {
      box.close();
      const typed = document.querySelector("#ask textarea");
      if (typed) typed.focus();
    } });
    state(card, make("p", { class: "done", text: `${verb}: ${counts.join(", ")}. Questions are answered from it now.` }),
      make("p", { class: "do" }, ask, leave(card, said.id, "Remove from list")));
    card.dataset.state = "added";
  }

  document.addEventListener("click", (e) => {
    if (e.target.closest && e.target.closest("a[href='#add']")) { e.preventDefault(); e.stopPropagation(); open(); }
  }, true);

  const carries = (e) => link() && e.dataTransfer && [...e.dataTransfer.types].includes("Files");
  let over = 0;
  const glow = (on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragenter", (e) => { if (carries(e)) { e.preventDefault(); over += 1; glow(true); } }, true);
  document.addEventListener("dragover", (e) => { if (carries(e)) e.preventDefault(); }, true);
  document.addEventListener("dragleave", (e) => { if (carries(e)) { over -= 1; if (over <= 0) { over = 0; glow(false); } } }, true);
  document.addEventListener("drop", (e) => {
    if (!carries(e)) return;
    e.preventDefault();
    e.stopPropagation();
    over = 0;
    glow(false);
    open();
    send(e.dataTransfer.files);
  }, true);
})();
