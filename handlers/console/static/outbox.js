// What people typed and pressed, kept until the server says that it has it.
//
// Every act carries an id of its own and is sent again after each reconnection; the server carries
// out an id once.  Texts and presses survive a reload of the page, photos and
// recordings do not.

import { freshId, memory } from "./dom.js";
import { language } from "./words.js";

const AGAIN_AFTER = 2_000;

export class Outbox {
  #items = new Map();
  #sending = false;

  /** `changed(item)` is told whenever an item's state changes: waiting, done or refused. */
  constructor({ member, connection, changed }) {
    Object.assign(this, { key: `outbox.${member}`, connection, changed });
    for (const item of memory.get(this.key, [])) this.#items.set(item.id, { ...item, state: "waiting" });
  }

  get waiting() {
    return [...this.#items.values()].filter((item) => item.state === "waiting");
  }

  get all() {
    return [...this.#items.values()];
  }

  get(id) {
    return this.#items.get(id);
  }

  /** Queue an act: {type: say or press, chat, ...}, with a Blob as {photo} or {recording}. */
  add(act) {
    const item = { ...act, id: freshId(), at: Date.now(), state: "waiting" };
    this.#items.set(item.id, item);
    this.#keep();
    this.changed(item);
    this.#sendOne(item);
    return item;
  }

  /** Give up an act that the server refuses. */
  discard(id) {
    const item = this.#items.get(id);
    this.#items.delete(id);
    this.#keep();
    if (item) this.changed({ ...item, state: "gone" });
  }

  /** Send everything that waits, oldest first; called on each new connection. */
  flush() {
    for (const item of this.waiting) this.#sendOne(item);
  }

  /** The server's word on an act. */
  heard({ type, id }) {
    const item = this.#items.get(id);
    if (!item) return;
    if (type === "ack") this.#done(item);
    else if (type === "refused") this.#refused(item);
    else if (type === "later") setTimeout(() => this.#items.has(id) && this.#sendOne(item), AGAIN_AFTER);
  }

  #sendOne(item) {
    if (fileOf(item)) this.#upload();
    else this.connection.send(frameOf(item));
  }

  // One upload at a time, in order; what fails is tried again.
  async #upload() {
    if (this.#sending) return;
    this.#sending = true;
    let item;
    while ((item = this.waiting.find(fileOf)) && this.connection.live) {
      const { status, why } = await post(item);
      if (status === 204) this.#done(item);
      else if (status === 413 || status === 422 || status === 404) this.#refused({ ...item, why });
      else break;
    }
    this.#sending = false;
    if (item && this.connection.live) setTimeout(() => this.#upload(), AGAIN_AFTER);
  }

  #done(item) {
    this.#items.delete(item.id);
    this.#keep();
    this.changed({ ...item, state: "done" });
  }

  #refused(item) {
    const refused = { ...item, state: "refused" };
    this.#items.set(item.id, refused);
    this.#keep();
    this.changed(refused);
  }

  #keep() {
    const lasting = this.waiting.filter((item) => !fileOf(item));
    memory.set(this.key, lasting.map(({ state, ...item }) => item));
  }
}

const fileOf = ({ photo, recording }) => photo ?? recording;

function frameOf({ state, at, photo, recording, shown, ...act }) {
  return { ...act, age: Math.max(0, Date.now() - at) };
}

async function post(item) {
  const form = new FormData();
  form.append("said", JSON.stringify(frameOf(item)));
  const kind = item.photo ? "photo" : "recording";
  form.append(kind, fileOf(item));
  try {
    const path = `/console/chats/${encodeURIComponent(item.chat)}/${kind}s`;
    const answer = await fetch(path, { method: "POST", body: form, headers: { "Accept-Language": language() } });
    const why = answer.status === 422 ? (await answer.json().catch(() => ({}))).detail : "";
    return { status: answer.status, why };
  } catch {
    return { status: 0 };
  }
}
