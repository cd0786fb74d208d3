// The desk: brings the parts of the page together.

import { Box } from "./box.js";
import { Cameras } from "./cameras.js";
import { card } from "./card.js";
import { Cases } from "./cases.js";
import { Chat, Log } from "./chat.js";
import { Connection } from "./connection.js";
import { $, h, memory } from "./dom.js";
import { badge, goTab, tabs, themes } from "./looks.js";
import { Outbox } from "./outbox.js";
import { sheet as makeSheet, toast, viewer } from "./overlays.js";
import { Speakers } from "./speakers.js";
import { ReadBack, Talk } from "./talk.js";
import { setNow } from "./times.js";
import { begin, language, onLanguage, t } from "./words.js";

const FIRST_PAGE = 60;

await begin();
themes();
const session = await fetchSession();
setNow(session.now);

const enlarge = viewer();
const sheet = makeSheet();
const chats = new Map([...session.chats, ownChat()].map((about) => [about.id, new Chat(about)]));
const pressed = new Map();
let current = chats.get(memory.get("chat")) ?? chats.values().next().value;
let state = "connecting";

const grouped = session.chats.some((chat) => chat.purpose === "cases");
const cases = new Cases({ open: openCase, changed: casesChanged, every: grouped ? 30_000 : 3_000 });
const desk = {
  get zone() {
    return current.timezone;
  },
  cases,
  enlarge,
  grouped,
  press,
  reply: (message, chat) => (sheet.close(), goTab("chat"), show(chats.get(chat)), box.replyTo(message)),
  goTo: (id) => log.goTo(id),
  pressedOn: (id) => pressed.get(id) ?? null,
  waitingIn: (chat) => outbox.all.filter((item) => item.type === "say" && item.chat === chat && !arrived(item)),
  discard: (id) => outbox.discard(id),
};
const connection = new Connection({ path: "/console/socket", greet, hear, told });
const outbox = new Outbox({ member: session.member.id, connection, changed: sent });
const log = new Log(desk, { older: fetchOlder, seen: drawChats });
const box = new Box({ send: say, complain: (text) => toast(text, { alert: true }) });
const readBack = new ReadBack();
const talk = new Talk({ send: speakUp, complain: (text) => toast(text, { alert: true }) });
const cameras = new Cameras({ enlarge });
new Speakers({
  talk: (speaker) => (goTab("chat"), talk.begin(speaker)),
  list: session.speakers,
  zone: () => session.timezone,
  changed: (sounding) => ($("[data-tab=speaker] .dot").hidden = !sounding),
});

for (const item of outbox.waiting.filter((one) => one.type === "press")) pressed.set(item.card, item);
$("#me .who").textContent = session.member.name;
$("#me .face").textContent = [...session.member.name][0] ?? "";
tabs(() => log.draw());
onLanguage(drawAll);
addEventListener("beforeunload", (event) => outbox.waiting.some((item) => item.photo || item.recording) && event.preventDefault());
show(current);
drawAll();
connection.now();
cases.fetch();
cameras.fetch();

function drawAll() {
  $("#me summary").setAttribute("aria-label", t("signed_in_as", { name: session.member.name }));
  drawChats();
  told(state);
}

async function fetchSession() {
  for (;;) {
    try {
      const answer = await fetch("/console/session");
      if (answer.status === 401) location.reload();
      if (answer.ok) return await answer.json();
    } catch {
      // Not reachable: said below, and tried again.
    }
    banner(t("load_failed"));
    await new Promise((done) => setTimeout(done, 3_000));
  }
}

function ownChat() {
  return { id: session.own_chat, purpose: "own", names: [], timezone: session.timezone };
}

// --- the connection ---

function greet() {
  const entries = [...chats.values()].map(({ id, revision }) => [id, revision]);
  return { type: "open", chats: Object.fromEntries(entries) };
}

function hear(frame) {
  if (frame.type === "messages") receive(frame);
  else if (frame.type === "toast") answered(frame);
  else outbox.heard(frame);
}

function told(now) {
  state = now;
  if (now === "live") {
    outbox.flush();
    cases.soon();
  }
  const link = $("#link");
  link.dataset.state = now;
  const name = { live: "link.live", connecting: "link.connecting", lost: "link.connecting", signed_out: "link.signed_out" };
  $("span", link).textContent = t(name[now]);
  if (now === "live") banner("");
  else if (now === "signed_out") banner(t("link.signed_out"), true);
  else if (now === "lost") banner([t("link.lost"), waitingWords()].filter(Boolean).join(" "));
}

function waitingWords() {
  const count = outbox.waiting.length;
  return count ? t("link.waiting", { count }) : "";
}

function banner(text, signIn = false) {
  $("#banner").hidden = !text;
  $("#banner span").textContent = text;
  $("#banner a").hidden = !signIn;
}

// --- messages ---

function receive(frame) {
  const chat = chats.get(frame.chat);
  if (!chat) return;
  const changed = chat.take(frame, FIRST_PAGE);
  for (const one of changed) {
    if (one.kind === "post" && one.reply_to) readBack.answered(chat.id, one, chat.messages.get(one.reply_to), language());
    pressed.delete(one.id);
    if (sheet.open && $("#sheet .card")?.dataset.id === String(one.id)) sheet.show(made(one, chat.id));
  }
  if (chat === current) frame.reset ? log.draw() : log.update(changed);
  if (changed.some((one) => one.case)) cases.soon();
  drawChats();
}

async function fetchOlder(chat) {
  const before = Math.min(...chat.messages.keys());
  const answer = await fetch(`/console/chats/${encodeURIComponent(chat.id)}/messages?before=${before}`);
  if (!answer.ok) return;
  const { messages, more } = await answer.json();
  for (const one of messages) if (!chat.messages.has(one.id)) chat.messages.set(one.id, one);
  chat.complete = !more;
}

function show(chat) {
  current = chat;
  memory.set("chat", chat.id);
  log.show(chat);
  drawChats();
}

function drawChats() {
  const listed = [...chats.values()].filter((chat) => chat.purpose !== "own" || chat.messages.size);
  const tab = (chat) =>
    h(
      "button",
      { type: "button", role: "tab", "aria-selected": String(chat === current), onclick: () => (goTab("chat"), show(chat)) },
      nameOf(chat),
      chat.unread && chat !== current ? h("b.badge", {}, String(chat.unread)) : null,
    );
  $("#chats").replaceChildren(...(listed.length > 1 ? listed.map(tab) : listed.map((chat) => h("span", {}, nameOf(chat)))));
  const unread = [...chats.values()].reduce((sum, chat) => sum + chat.unread, 0);
  badge("chat", unread);
  document.title = `${unread ? `(${unread}) ` : ""}${cases.emergencies.length ? "🔴 " : ""}${t("title")}`;
}

function nameOf({ purpose, names }) {
  if (purpose === "own") return t("chat.own");
  const name = names.length === session.sites.length && names.length > 1 ? t("chat.all_sites") : names[0];
  const full = names.length > 1 && name === names[0] ? t("chat.more_sites", { name, count: names.length, more: names.length - 1 }) : name;
  return purpose === "admin" ? [t("chat.admin"), full].join(" · ") : full;
}

// --- acts ---

function say({ text, photo, shown, reply_to }) {
  outbox.add({ type: "say", chat: current.id, text, reply_to, ...(photo ? { photo, shown } : {}) });
  log.toEnd();
}

function speakUp({ recording, shown, speaker }) {
  const text = speaker ? `/say ${speaker.id}` : "";
  const item = outbox.add({ type: "say", chat: current.id, text, reply_to: box.reply?.id ?? null, recording, shown });
  readBack.expect(item.id);
  box.replyTo(null);
  log.toEnd();
}

function press(message, chat, data) {
  const posted = typeof message.id === "number" ? message.id : null;
  const item = outbox.add({ type: "press", chat, message: posted, card: message.id, data });
  pressed.set(message.id, item);
  if (!connection.live) toast(t("card.press_waiting"));
  redraw(message.id);
}

function arrived(item) {
  return [...(chats.get(item.chat)?.messages.values() ?? [])].some((one) => one.client === item.id);
}

// A press is over when its answer or the changed card arrives; a text when its message does.
function sent(item) {
  if (item.type === "press" && item.state === "refused") {
    toast(t("card.press_refused"), { alert: true });
    outbox.discard(item.id);
    release(item.card);
  } else if (item.type === "press" && item.state === "done") {
    setTimeout(() => pressed.get(item.card)?.id === item.id && release(item.card), 4_000);
  } else if (item.type === "say") {
    const message = [...(chats.get(item.chat)?.messages.values() ?? [])].find((one) => one.client === item.id);
    if (message && item.state === "done") message.taken = true;
    if (item.chat === current.id) log.draw();
  }
  if (state === "lost") told(state);
}

function answered({ press: id, text, alert }) {
  toast(text, { alert });
  for (const [shown, item] of pressed) if (item.id === id) release(shown);
  cases.soon();
}

function release(id) {
  pressed.delete(id);
  redraw(id);
}

function redraw(id) {
  log.refresh(id);
  const shown = $("#sheet .card");
  if (sheet.open && shown?.dataset.id === String(id) && shown.message) sheet.show(made(shown.message, shown.chat));
}

// --- cases ---

async function openCase(number) {
  const here = current.sorted.filter((one) => one.case === number).at(-1);
  if (here) {
    goTab("chat");
    await new Promise(requestAnimationFrame);
    log.goTo(here.id);
    return;
  }
  const found = await fetchCase(number);
  if (found) sheet.show(made(found.message, found.chat));
  else toast(t("card.missing"));
}

// Its card in one of the chats; where it hangs in none, what it would say, with the same buttons.
async function fetchCase(number) {
  const answer = await fetch(`/console/cases/${number}?language=${language()}`);
  return answer.ok ? answer.json() : null;
}

async function refreshSheet() {
  const shown = $("#sheet .card")?.message;
  if (!sheet.open || typeof shown?.id === "number" || !shown) return;
  const found = await fetchCase(shown.case);
  const same = JSON.stringify(found?.message) === JSON.stringify(shown);
  if (found && !same && sheet.open && $("#sheet .card")?.message === shown) sheet.show(made(found.message, found.chat));
}

function made(message, chat) {
  const shown = card(message, chat, desk);
  return Object.assign(shown, { message, chat, id: "" });
}

function casesChanged() {
  badge("cases", cases.live.length);
  for (const message of current.messages.values())
    if (message.case && !message.fields?.state) log.refresh(message.id);
  refreshSheet();
  drawChats();
}
