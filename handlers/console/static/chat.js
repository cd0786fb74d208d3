// The chat: messages in order, newest below, each kept as it stands now.

import { bubble, pending } from "./bubble.js";
import { card } from "./card.js";
import { $, h, memory } from "./dom.js";
import { day, dayName } from "./times.js";
import { onLanguage, t } from "./words.js";

const NEAR = 120;

/** One chat's messages by id, and how far they go. */
export class Chat {
  constructor(about) {
    Object.assign(this, about);
    this.revision = null;
    this.messages = new Map();
    this.complete = false;
    this.read = memory.get(`read.${this.id}`, 0);
  }

  get sorted() {
    return [...this.messages.values()].sort((one, other) => one.id - other.id);
  }

  get newest() {
    return Math.max(0, ...this.messages.keys());
  }

  get unread() {
    return [...this.messages.values()].filter((one) => one.id > this.read && !one.own).length;
  }

  /** Take what the server sent; the messages that are new or changed. */
  take({ revision, reset, messages }, first) {
    if (reset) {
      this.messages.clear();
      this.complete = messages.length < first;
    }
    const changed = messages.filter((one) => (this.messages.get(one.id)?.revision ?? -1) < one.revision);
    for (const one of changed) this.messages.set(one.id, one);
    this.revision = Math.max(this.revision ?? 0, revision);
    return changed;
  }

  markRead() {
    this.read = Math.max(this.read, this.newest);
    memory.set(`read.${this.id}`, this.read);
  }
}

/** The log on the page.  `desk` is what cards and bubbles act through. */
export class Log {
  constructor(desk, { older, seen }) {
    Object.assign(this, { desk, older, seen });
    this.root = $("#log");
    this.jump = $("#jump");
    this.chat = null;
    this.divider = 0;
    this.fetching = false;
    this.pinned = true;
    this.root.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.root.addEventListener("load", () => this.pinned && this.#toEnd(), { capture: true });
    new ResizeObserver(() => this.pinned && this.#toEnd()).observe(this.root);
    this.jump.addEventListener("click", () => this.toEnd());
    document.addEventListener("visibilitychange", () => this.#look());
    onLanguage(() => this.chat && this.draw());
  }

  /** Show a chat from where it was last read. */
  show(chat) {
    this.chat = chat;
    this.divider = chat.unread && chat.read ? chat.read : 0;
    this.pinned = true;
    this.draw();
  }

  /** Draw everything anew. */
  draw() {
    const { chat } = this;
    if (!chat) return;
    const rows = [];
    let date = "";
    for (const message of chat.sorted) {
      const on = day(message.at, this.desk.zone);
      if (on !== date) rows.push(h("p.day", {}, dayName(message.at, this.desk.zone)));
      if (this.divider && message.id > this.divider && !rows.some((row) => row.id === "unread"))
        rows.push(h("p.unread", { id: "unread" }, t("chat.new")));
      date = on;
      rows.push(this.#made(message));
    }
    const more = !chat.complete && chat.messages.size > 0 && this.#more();
    const waiting = this.desk.waitingIn(chat.id).map((item) => this.#pending(item));
    this.root.replaceChildren(...[more, ...rows, ...waiting].filter(Boolean));
    if (!rows.length && !waiting.length && chat.revision !== null) this.root.append(empty(this.desk.grouped));
    if (this.pinned) this.#toEnd();
    this.#look();
  }

  /** Draw what is new or changed, without moving what the person looks at. */
  update(changed) {
    const known = changed.every((one) => document.getElementById(`m${one.id}`));
    if (!known) return this.draw();
    for (const one of changed) document.getElementById(`m${one.id}`).replaceWith(this.#made(one));
    this.#look();
  }

  /** Draw one message again: its case or its buttons changed. */
  refresh(id) {
    const message = this.chat?.messages.get(id);
    if (message) document.getElementById(`m${id}`)?.replaceWith(this.#made(message));
  }

  toEnd() {
    this.pinned = true;
    this.divider = 0;
    $("#unread")?.remove();
    this.#toEnd();
    this.#look();
  }

  /** Scroll to a message and light it up; false where it is not loaded. */
  goTo(id) {
    const shown = document.getElementById(`m${id}`);
    if (!shown) return false;
    this.pinned = false;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    shown.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
    shown.classList.remove("lit");
    requestAnimationFrame(() => shown.classList.add("lit"));
    return true;
  }

  #made(message) {
    const { chat, desk } = this;
    const made = message.case ? card(message, chat.id, desk) : bubble(message, chat.id, desk, chat.messages.get(message.reply_to));
    swipeToReply(made, () => desk.reply(message, chat.id));
    return made;
  }

  #pending(item) {
    return pending(item, this.desk, this.chat.messages.get(item.reply_to));
  }

  #more() {
    return h("button.more.plain", { type: "button", onclick: () => this.#fetchOlder() }, t("chat.older"));
  }

  async #fetchOlder() {
    if (this.fetching || this.chat.complete) return;
    this.fetching = true;
    const { root } = this;
    const below = root.scrollHeight - root.scrollTop;
    await this.older(this.chat);
    this.pinned = false;
    this.draw();
    root.scrollTop = root.scrollHeight - below;
    this.fetching = false;
  }

  #scrolled() {
    const { root } = this;
    this.pinned = root.scrollTop > this.#end - NEAR;
    if (root.scrollTop < NEAR && root.scrollHeight > root.clientHeight) this.#fetchOlder();
    this.#look();
  }

  // Read is what was at the end of the log while somebody could see it.
  #look() {
    const { chat, jump } = this;
    if (!chat) return;
    const visible = !document.hidden && this.root.offsetParent !== null;
    if (this.pinned && visible) chat.markRead();
    const unread = chat.unread;
    jump.hidden = this.pinned;
    $("span", jump).textContent = unread ? t("chat.jump_new", { count: unread }) : t("chat.jump");
    jump.dataset.unread = unread ? "yes" : "no";
    this.seen();
  }

  #toEnd() {
    this.root.scrollTop = this.#end;
  }

  // The end is where the newest message is read from its first line on.
  get #end() {
    const { root } = this;
    const last = root.lastElementChild;
    const top = last ? last.offsetTop - root.offsetTop - 10 : 0;
    return Math.max(0, Math.min(root.scrollHeight - root.clientHeight, top));
  }
}

function empty(grouped) {
  return h(
    "div.empty",
    {},
    h("img", { src: "/console/static/icon.svg", alt: "", width: 56, height: 56 }),
    h("p", {}, t("chat.empty")),
    h("p.small", {}, t(grouped ? "chat.empty_hint" : "chat.no_group_hint")),
  );
}

const SWIPE = 64;

/** A finger drawn to the right across a message replies to it. */
function swipeToReply(made, reply) {
  let from = null;
  const end = () => {
    from = null;
    made.style.transform = "";
  };
  made.addEventListener("touchstart", ({ touches: [touch] }) => (from = { x: touch.clientX, y: touch.clientY }), { passive: true });
  made.addEventListener(
    "touchmove",
    ({ touches: [touch] }) => {
      if (!from) return;
      const right = touch.clientX - from.x;
      if (Math.abs(touch.clientY - from.y) > 24) end();
      else if (right > 12) made.style.transform = `translateX(${Math.min(right, SWIPE + 12)}px)`;
    },
    { passive: true },
  );
  made.addEventListener("touchend", ({ changedTouches: [touch] }) => {
    if (from && touch.clientX - from.x > SWIPE) reply();
    end();
  });
  made.addEventListener("touchcancel", end);
}
