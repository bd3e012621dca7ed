"use strict";
// What others do is shown on the page that is open: parts that say what they show (data-live) are fetched
// again where that has changed, and put in the place of the old ones. Nothing is taken away from whoever
// is at work in a part: it is held back and a hint says so, until they ask for it. Then it is filled in
// with what they have typed.
(() => {
const main = document.getElementById("main"), hint = document.getElementById("live");
if (!window.EventSource || !main.querySelector("[data-live]")) return;
const BURST = 300, REST = 1500, AWAY = 30000;  // milliseconds
const parts = () => [...document.querySelectorAll("[data-live]")];

const forms = (part) => [...part.querySelectorAll("form")];
const openForms = (part) => forms(part).filter((form) => form.closest("details[open]"));
// What a part shows: its forms have another key each time, and some of it is altered by scripts.
function shows(part) {
  const copy = part.cloneNode(true);
  for (const one of copy.querySelectorAll("input[name=key]")) one.remove();
  for (const one of copy.querySelectorAll("[data-moments]")) one.remove();
  for (const one of copy.querySelectorAll("details")) one.open = false;
  return copy.innerHTML;
}
const shown = new Map(parts().map((part) => [part.id, shows(part)]));
const held = new Map();  // what has come in the meantime, by the id of the part that it belongs to

function isBusy(part) {
  const chosen = getSelection();
  return part.contains(document.activeElement) || forms(part).some(isDirty)
    || (!chosen.isCollapsed && part.contains(chosen.anchorNode));
}
function put(part, fresh) {
  const open = openForms(part).map(named);
  const typed = new Map(forms(part).filter(isDirty).map((form) => [named(form), filled(form)]));
  shown.set(part.id, shows(fresh));
  held.delete(part.id);
  part.replaceWith(document.adoptNode(fresh));
  slides(fresh);
  const again = [], gone = new Map(typed);
  for (const form of forms(fresh)) {
    const name = named(form), around = form.closest("details");
    gone.delete(name);
    if (typed.has(name)) { fillIn(form, typed.get(name)); again.push(form); }
    else if (around && open.includes(name)) around.open = true;
  }
  again.push(...forms(part).filter((form) => gone.has(named(form))).map((form) => aside(fresh, form)));
  const field = again.length && again[0].querySelector("textarea, select, input:not([type=hidden])");
  return field || fresh;
}

// A form that there is no place for any more: what was typed in it stays to be read, and to be sent all the same.
function aside(fresh, form) {
  const box = document.createElement("div"), why = document.createElement("p");
  box.className = "ds-alert";
  box.dataset.color = "warning";
  why.textContent = hint.dataset.kept;
  box.append(why, form);
  fresh.prepend(box);
  return form;
}
// Signed out, or not let in here any more: nothing that is shown is new, and some of it may not be for them.
function shut(answer) {
  if (!answer.redirected && ![403, 404].includes(answer.status)) return;
  hint.querySelector("p").textContent = answer.redirected ? hint.dataset.out : hint.dataset.shut;
  hint.hidden = false;
  if (answer.redirected) return;
  for (const part of parts()) {
    part.replaceChildren(...forms(part).filter(isDirty));
    part.removeAttribute("data-live");
  }
}

async function look() {
  let answer;
  try { answer = await fetch(main.dataset.at || location.href, QUIET); } catch { return false; }
  if (!answer.ok || answer.redirected) { shut(answer); return false; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const title = main.querySelector("h1"), now = page.querySelector("#main h1");
  if (title && now && title.innerHTML !== now.innerHTML) title.replaceChildren(...now.childNodes);
  document.title = page.title;
  await released();
  let has = false;
  for (const part of parts()) {
    const fresh = page.getElementById(part.id);
    if (!fresh || shows(fresh) === shown.get(part.id)) { held.delete(part.id); continue; }
    has = has || main.contains(part);
    if (!isBusy(part)) put(part, fresh);
    else if (main.contains(part)) held.set(part.id, fresh);
  }
  if (held.size || (has && main.dataset.last)) {
    hint.querySelector("a").href = main.dataset.last || "#main";
    hint.hidden = false;
  } else if (!main.dataset.last) hint.hidden = true;
  return true;
}
hint.querySelector("a").addEventListener("click", (pressed) => {
  const there = parts().filter((part) => held.has(part.id)).map((part) => put(part, held.get(part.id)));
  hint.hidden = true;
  if (main.dataset.last) return;
  pressed.preventDefault();
  if (there.length && there[0].matches("[data-live]")) there[0].tabIndex = -1;
  if (there.length) there[0].focus();
});

// One fetch for a burst of news, and a rest after each.
let due = false, running = false;
async function soon() {
  due = true;
  if (running) return;
  running = true;
  while (due) {
    await pause(BURST);
    due = false;
    await look();
    await pause(REST);
  }
  running = false;
}

// A page that is not looked at does not listen: a browser has few connections to a server. What comes
// while there is none is told once there is one, and looked for too: not all that a page shows is told.
let after = main.dataset.since, stream = null, wasOpen = false;
function listen() {
  stream = new EventSource(`/live?after=${after}`);
  stream.addEventListener("changed", (news) => {
    after = news.lastEventId;
    const words = new Set(news.data.split(" ")), all = words.has("everything");
    if (all || parts().some((part) => part.dataset.live.split(" ").some((word) => words.has(word)))) soon();
  });
  stream.addEventListener("open", () => {
    if (wasOpen) soon();
    wasOpen = true;
  });
  stream.addEventListener("error", async (lost) => {
    const own = lost.target;
    if (own.readyState !== EventSource.CLOSED) return;  // else it tries again by itself
    while (own === stream && !document.hidden) {
      await pause(AWAY);
      if (own === stream && !document.hidden && await look()) listen();
    }
  });
}
document.addEventListener("visibilitychange", () => {
  stream.close();
  if (!document.hidden) listen();
});
if (document.hidden) stream = { close() {} }; else listen();
})();
