"use strict";
// Makes pages better. Each of them is whole without this.

// What the server answers to a question that is asked beside the page; null where it cannot be had: there
// is no connection, something is wrong, or the session has ended, which leads to another page. Then the
// page stays as it is, and says so once something is sent.
// Nobody need be there for it, so it does not keep a session from ending.
const QUIET = { headers: { "Loft-Quiet": "1" } };
async function told(address, kind, how) {
  try {
    const answer = await fetch(address, { ...QUIET, ...how });
    const is = answer.headers.get("Content-Type") || "";
    return answer.ok && !answer.redirected && is.startsWith(kind) ? answer : null;
  } catch { return null; }
}

// While a button is held down, or an item of an agenda dragged, nothing moves: it would be another one when
// it is let go, and nothing would be done.
const pause = (time) => new Promise((done) => setTimeout(done, time));
const isHeld = () => document.querySelector(".moving, :active") !== null;
async function released() { while (isHeld()) await pause(100); }

// Time: the slider stands in for the list of entries.
function slides(within) {
  for (const range of within.querySelectorAll("input[data-moments]")) {
    const moments = range.dataset.moments.split(" "), list = range.form.elements.at;
    const says = () => range.setAttribute("aria-valuetext", list.selectedOptions[0].textContent);
    range.disabled = false;
    says();
    if ("then" in range.form.dataset && document.activeElement === document.body) range.focus();
    range.addEventListener("input", () => {
      list.value = moments[range.value];
      says();
    });
    range.addEventListener("change", () => {
      if (Number(range.value) === moments.length - 1) location.href = range.form.dataset.now;
      else range.form.submit();
    });
  }
}
slides(document);

// Forms: what is in them, whether that was typed (as was what was refused), and filled in again.
const SILENT = new Set(["csrf", "key", "item", "version", "order", "move"]);
function filled(form) {
  return [...new FormData(form)].filter(([name]) => !SILENT.has(name));
}
function isDirty(form) {
  return "refused" in form.dataset || [...form.elements].some((one) => one.name && !SILENT.has(one.name) && one.type !== "hidden" && (
    ["checkbox", "radio"].includes(one.type) ? one.checked !== one.defaultChecked
      : one.tagName === "SELECT" ? [...one.options].some((each) => each.selected !== each.defaultSelected)
        && one.selectedIndex > 0
        : "defaultValue" in one && one.value !== one.defaultValue));
}
// Which form it is, on this page and the next: where it leads and what it says without being asked.
function named(form) {
  const said = [...form.querySelectorAll("input[type=hidden]")].filter((one) => !SILENT.has(one.name));
  return [form.getAttribute("action"), ...said.map((one) => `${one.name}=${one.value}`)].join(" ");
}
function fillIn(form, values) {
  for (const one of form.elements) {
    if (!one.name || SILENT.has(one.name) || one.type === "hidden") continue;
    const its = values.filter(([name]) => name === one.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(one.type)) one.checked = its.includes(one.value);
    else if (its.length) one.value = its[0];
  }
  const around = form.closest("details");
  if (around) around.open = true;
}

// Another language takes nothing away: what is typed is filled in again on the page that comes.
const TYPED = "loft-typed", speaks = document.querySelector("form.language");
if (speaks) speaks.addEventListener("submit", () => {
  const dirty = [...document.querySelectorAll("main form[method=post]")].filter(isDirty);
  if (dirty.length) sessionStorage.setItem(TYPED, JSON.stringify(dirty.map((one) => [named(one), filled(one)])));
});
const again = JSON.parse(sessionStorage.getItem(TYPED) || "[]");
sessionStorage.removeItem(TYPED);
for (const [name, values] of again) {
  const form = [...document.querySelectorAll("main form[method=post]")].find((one) => named(one) === name);
  if (form) fillIn(form, values);
}

// A letter alone does something where that is not switched off (WCAG 2.1.4), and not while one fills in a form.
function hearsLetters(at) {
  return document.body.dataset.keys !== "off" && !at.matches("input, textarea, select, [contenteditable]");
}

// Keys: / searches, j and k go through the lines, ? goes to the help.
document.addEventListener("keydown", (pressed) => {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return;
  if (!hearsLetters(pressed.target)) return;
  const rows = [...document.querySelectorAll("[data-row], ul.lines > li > a:first-child")];
  const at = rows.indexOf(document.activeElement);
  if (pressed.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) search.focus(); else location.href = "/cases";
    pressed.preventDefault();
  } else if (pressed.key === "j" && rows.length) rows[Math.min(at + 1, rows.length - 1)].focus();
  else if (pressed.key === "k" && rows.length) rows[Math.max(at - 1, 0)].focus();
  else if (pressed.key === "?") location.href = "/help";
});

// The gate, while one types: what it would stop or ask about is shown below the field.
// Not under a hand on its way to a button, which would press something else; one that only rests there
// is told.
const AIMING = 1500;  // milliseconds since it moved
let typing, moved = 0;
document.addEventListener("pointermove", () => { moved = Date.now(); }, { passive: true });
const isAimedAt = (form) => form && form.querySelector("button:hover") && Date.now() - moved < AIMING;
document.addEventListener("input", (typed) => {
  if (!typed.target.matches("[data-gate]")) return;
  clearTimeout(typing);
  typing = setTimeout(() => look(typed.target), 800);
});
async function look(field) {
  const text = field.value, asked = new URLSearchParams({ text, csrf: field.form.elements.csrf.value });
  const empty = !text.trim() || !field.isConnected;
  const answer = empty ? null : await told("/gate", "application/json", { method: "POST", body: asked });
  if (field.value !== text || (!answer && !empty)) return;
  const said = answer ? await answer.json() : { sentence: null, places: [] };
  while (field.value === text && (isHeld() || isAimedAt(field.form))) await pause(100);
  if (field.value !== text) return;
  let shown = field.parentElement.querySelector(".gate");
  if (!shown) {
    shown = document.createElement("p");
    shown.className = "gate";
    shown.setAttribute("role", "status");
    field.after(shown);
  }
  shown.replaceChildren();
  if (!said.sentence) return;
  shown.append(said.sentence);
  for (const place of said.places) {
    const marked = document.createElement("mark");
    marked.textContent = Array.from(text).slice(place.start, place.end).join("");
    shown.append(" ", marked);
  }
}
