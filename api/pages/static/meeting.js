"use strict";
// A meeting's page, made better: keys, dragging, what others do, and a connection that comes and goes.
// Nothing that was typed is lost, whatever happens to the page: it is kept here and filled in again.
(() => {
document.documentElement.classList.add("scripted");
const lost = document.getElementById("lost"), heard = document.getElementById("heard");
const typed = new Map();  // what stands in forms that were not sent yet, by which they are
let waiting = null;  // the form that could not be sent: {form, body, why}
let sending = 0, held = null;  // forms on their way, and where the focus was when the last one went
let told = null;  // what was said above the meeting of the form that went out last
let going = false, next = null;  // another item is on its way, and the key that was pressed meanwhile
const meeting = () => document.getElementById("meeting");
const say = (what) => { heard.textContent = ""; heard.textContent = heard.dataset[what]; };

// Forms: what was typed in them, filled in again.
const postForms = () => [...meeting().querySelectorAll('form[method="post"]')];
function keepTyped() {
  for (const form of postForms()) {
    if (isDirty(form)) typed.set(named(form), filled(form));
    else typed.delete(named(form));
  }
}
function giveBack() {
  for (const form of postForms()) {
    const values = typed.get(named(form));
    if (values) fillIn(form, values);
  }
}
// Where there is no place for a form any more, since somebody else has done something, it stays to be read.
function setAside(before) {
  const names = new Set(postForms().map(named));
  for (const form of before.filter((one) => typed.has(named(one)) && !names.has(named(one)))) {
    typed.delete(named(form));
    above(document.getElementById("live").dataset.kept, form);
  }
}

// Where somebody is, so that they are there again on a page that says something else: what has an id, or
// else what it is in that has one, and which of its like it is there.
const STAYING = { preventScroll: true };  // somebody may have read on since
const known = (one) => one.name ? `${one.name} ${/^(submit|checkbox|radio)$/.test(one.type) ? one.value : ""}` : one.textContent.trim();
const alike = (around, at) => [...around.querySelectorAll(at.tagName)].filter((one) => known(one) === known(at));
function placeOf(at) {
  const around = at && at.closest("[id]");
  return around && { at, id: around.id, nth: around === at ? -1 : alike(around, at).indexOf(at) };
}
function goTo({ at, id, nth }, from) {
  const around = document.getElementById(id), there = around && (nth < 0 ? around : alike(around, at)[nth]);
  if (there) there.focus(STAYING);
  if (there && document.activeElement === there) {
    if (from === null || !there.setSelectionRange) return;
    try { there.setSelectionRange(from, from); } catch { /* not a field of words */ }
    return;
  }
  const closed = there && there.closest("details:not([open])");  // what was in it has gone out
  (closed ? closed.querySelector("summary") : document.getElementById("item-title") || document.body).focus(STAYING);
}

// A new state of the page takes the place of the old one; focus, what is open and what was typed stay,
// but for the form *done*, which has gone out. *isSame*: it is the same item that is looked at.
function show(page, address, done, isSame) {
  const fresh = page.getElementById("meeting");
  if (!fresh) { location.href = address; return; }
  const at = held && document.activeElement === document.body ? held : document.activeElement;
  held = null;
  const place = placeOf(at);
  const from = at && "selectionStart" in at ? at.selectionStart : null;
  const open = [...meeting().querySelectorAll("details[open][id]")].map((one) => one.id);
  keepTyped();
  if (done) typed.delete(named(done));
  const before = isSame ? postForms() : [];
  meeting().replaceWith(document.adoptNode(fresh));
  for (const one of open) {  // what has gone out is closed, but for items: one is seldom added alone
    const there = document.getElementById(one);
    const gone = there && done && one !== "do-items" && [...there.querySelectorAll("form")].some(
      (form) => form.getAttribute("action") === done.getAttribute("action"));
    if (there && !gone) there.open = true;
  }
  giveBack();
  setAside(before);
  const refused = meeting().querySelector('[role="alert"][autofocus]');
  if (refused) refused.focus();
  else if (place) goTo(place, from);
  document.title = page.title;
}
async function parsed(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
const signedOut = (answer) => answer.status === 401 || ["/sign-in", "/confidentiality"].includes(new URL(answer.url).pathname);

// A form goes out; where it does not get there, it stays, and goes out again with the same key.
async function send(form, body) {
  const address = form.getAttribute("action");
  held = document.activeElement;
  form.inert = true;
  sending += 1;
  let answer = null;
  const headers = { Accept: "text/html" };
  try { answer = await fetch(address, { method: "POST", body, headers }); } catch { /* away */ }
  form.inert = false;
  sending -= 1;
  if (!answer) return stays(form, body, "away");
  if (signedOut(answer)) return stays(form, body, "out");
  if (answer.status >= 500) return stays(form, body, "away");
  if (answer.status === 429) return stays(form, body, "often");
  back();
  const page = await parsed(answer);
  if (told) told.remove();
  if (!answer.ok && !page.getElementById("meeting")) return tell(page);
  show(page, answer.url, answer.ok ? form : null, !answer.ok);
  if (answer.ok) {
    history.replaceState(null, "", answer.url);
    say(address.endsWith("/arrangement") ? "moved" : "kept");
  }
}
// What is refused on a page of its own is told on this one, and the form stays as it is.
function tell(page) {
  const said = page.querySelector('main [role="alert"]');
  told = above(said ? said.textContent : page.title);
  const fresh = page.querySelector('main input[name="csrf"]');  // the session is another one by now
  if (fresh) for (const form of postForms()) form.elements.csrf.value = fresh.value;
}
function above(words, ...more) {
  const box = document.createElement("div"), why = document.createElement("p");
  box.className = "ds-alert";
  box.dataset.color = "warning";
  box.setAttribute("role", "alert");
  why.textContent = words;
  box.append(why, ...more);
  meeting().before(box);
  return box;
}
function stays(form, body, why) {
  waiting = { form, body, why };
  form.inert = true;
  lost.hidden = false;
  for (const one of lost.querySelectorAll("[data-lost]")) one.hidden = one.dataset.lost !== why;
  for (const one of lost.querySelectorAll("[data-lost-do]")) one.hidden = false;
}
function back() {
  if (waiting) waiting.form.inert = false;
  waiting = null;
  lost.hidden = true;
  for (const one of lost.querySelectorAll("[data-lost-do]")) one.hidden = false;
}
async function again() {
  if (!waiting) { back(); return look(); }
  const { form, body, why } = waiting;
  if (why === "out") {  // a new session has a new secret
    try {
      const page = await parsed(await fetch(location.href));
      const fresh = page.querySelector('#meeting input[name="csrf"]');
      if (!fresh) return;
      body.set("csrf", fresh.value);
    } catch { return; }
  }
  await send(form, body);
}
function away(why = "away") {  // nothing waits to be sent, but there is no connection, or no session
  if (waiting) return;
  lost.hidden = false;
  for (const one of lost.querySelectorAll("[data-lost]")) one.hidden = one.dataset.lost !== why;
  lost.querySelector('[data-lost-do="change"]').hidden = true;
}
document.addEventListener("submit", (sent) => {
  const form = sent.target;
  if (form.method !== "post" || !meeting().contains(form)) return;
  sent.preventDefault();
  if (form.id === "closing" && postForms().some((one) => one !== form && isDirty(one))) {
    form.querySelector("[data-unsent]").hidden = false;  // what is closed takes nothing in any more
    return;
  }
  if (waiting) return;  // one after the other: what waits would get another key, and count twice
  const body = new URLSearchParams(new FormData(form));
  if (sent.submitter && sent.submitter.name) body.append(sent.submitter.name, sent.submitter.value);
  send(form, body);
});
document.addEventListener("click", (pressed) => {
  const does = pressed.target.closest && pressed.target.closest("[data-lost-do]");
  if (does && does.dataset.lostDo === "again") again();
  if (does && does.dataset.lostDo === "change") {
    const form = waiting && waiting.form;
    back();
    if (form) form.querySelector("textarea, input:not([type=hidden]), select, button").focus();
  }
});
addEventListener("online", again);
addEventListener("offline", () => away());
addEventListener("beforeunload", (leaving) => {
  keepTyped();
  if (waiting || typed.size) leaving.preventDefault();
});

// Another item of the agenda is shown without leaving the page, so that nothing typed is lost.
async function go(address, focus) {
  going = true;
  try {
    const answer = await fetch(address);
    if (signedOut(answer)) { away("out"); return; }
    if (!answer.ok) { location.href = address; return; }
    const page = await parsed(answer);
    if (!waiting) back();
    keepTyped();
    for (const one of meeting().querySelectorAll(".right details[open]")) one.open = false;
    show(page, address);
    history.pushState(null, "", address);
    const there = document.getElementById(focus);
    if (there) there.focus();
  } catch { away(); } finally { going = false; }
  if (next) open(next);
  next = null;
}
document.addEventListener("click", (pressed) => {
  const link = pressed.target.closest && pressed.target.closest("a[data-swap]");
  if (!link || pressed.ctrlKey || pressed.metaKey || pressed.shiftKey || pressed.button) return;
  pressed.preventDefault();
  if (!waiting) go(link.href, "item-title");
});
addEventListener("popstate", async () => {
  try {
    const answer = await fetch(location.href);
    if (signedOut(answer)) away("out");
    else show(await parsed(answer), location.href);
  } catch { away(); }
});

// Keys: a letter for each outcome, Esc closes it.
document.addEventListener("keydown", (pressed) => {
  const at = pressed.target;
  if (pressed.key === "Escape") {
    const open = at.closest && at.closest("details[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
    return;
  }
  if (pressed.altKey && (pressed.key === "ArrowUp" || pressed.key === "ArrowDown")) {
    const item = at.closest && at.closest(".agenda > li[data-n]");
    if (item) { pressed.preventDefault(); move(item, pressed.key === "ArrowUp" ? -1 : 1); }
    return;
  }
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey || !hearsLetters(at) || waiting) return;
  if (pressed.key.length !== 1 || !/[a-z]/.test(pressed.key)) return;
  if (going) { next = next || pressed.key; pressed.preventDefault(); return; }
  if (open(pressed.key)) pressed.preventDefault();
});
function open(key) {
  const found = meeting().querySelector(`[data-key="${key}"]`);
  if (!found) return false;
  if (found.tagName === "BUTTON") { found.click(); return true; }
  for (const one of meeting().querySelectorAll('details[name="outcome"][open]')) one.open = one === found;
  found.open = true;
  const first = found.querySelector("select, textarea, input:not([type=hidden])");
  (first || found.querySelector("button")).focus();
  return true;
}
// The agenda is arranged by hand: with Alt and an arrow, or by dragging.
const order = () => [...document.querySelectorAll("#agenda > li[data-n]")].map((one) => one.dataset.n);
function arrange() {
  const form = document.getElementById("arrange");
  if (!form || form.elements.order.value === order().join(" ")) return;
  form.elements.order.value = order().join(" ");
  send(form, new URLSearchParams(new FormData(form)));
}
function move(item, by) {
  if (!document.getElementById("arrange") || waiting) return;
  const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other || !other.dataset.n) return;
  other[by < 0 ? "before" : "after"](item);
  const link = item.querySelector("a");
  if (link) link.focus();
  arrange();
}
document.addEventListener("pointerdown", (pressed) => {
  const grip = pressed.target.closest && pressed.target.closest("[data-grip]");
  if (!grip || waiting) return;
  pressed.preventDefault();
  const item = grip.closest("li");
  item.classList.add("moving");
  grip.setPointerCapture(pressed.pointerId);
  const over = (moved) => {
    const there = document.elementFromPoint(moved.clientX, moved.clientY);
    const other = there && there.closest(".agenda > li[data-n]");
    if (!other || other === item) return;
    // The others move and not the item itself: what leaves its place in the page loses the pointer.
    const box = other.getBoundingClientRect(), isAbove = moved.clientY < box.top + box.height / 2;
    if ((other.compareDocumentPosition(item) & 4) && isAbove) while (other.compareDocumentPosition(item) & 4) item.after(item.previousElementSibling);
    else if (!isAbove) while (item.compareDocumentPosition(other) & 4) item.before(item.nextElementSibling);
  };
  const dropped = () => {
    document.removeEventListener("pointermove", over);
    document.removeEventListener("pointerup", dropped);
    document.removeEventListener("pointercancel", dropped);
    item.classList.remove("moving");
    arrange();
  };
  document.addEventListener("pointermove", over);
  document.addEventListener("pointerup", dropped);
  document.addEventListener("pointercancel", dropped);
});

// What others do is shown within seconds, and so is a connection that is gone.
async function look() {
  const now = meeting();
  if (document.hidden || waiting || sending || going || !("open" in now.dataset) || isHeld()) return;
  let stamp;
  try {
    const answer = await fetch(`/meetings/${now.dataset.ref}/now`, QUIET);
    if (answer.redirected || !answer.ok) return;
    stamp = await answer.text();
    if (!lost.hidden && !waiting) back();
    if (stamp === now.dataset.stamp) return;
    const fresh = await fetch(location.href, QUIET);
    if (fresh.redirected || !fresh.ok) return;
    const page = await parsed(fresh);
    if (waiting || sending || going || meeting() !== now || isHeld()) return;
    show(page, location.href, null, true);
    say("changed");
  } catch { away(); }
}
// What waits since the server was away goes out again by itself: its key sees to it that it is done once.
setInterval(() => waiting && waiting.why !== "out" && !sending && navigator.onLine ? again() : look(), 5000);
addEventListener("focus", look);
document.addEventListener("visibilitychange", look);
})();
