// What people typed and pressed, kept until the server says that it has it.
//
// Every act carries an id of its own and is sent again after each reconnection; the server carries
// out an id once.  Texts and presses survive a reload of the page, photos do not.

import { freshId, memory } from "./dom.js";

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

  /** Queue an act: {type: say or press, chat, ...}, with {photo: Blob} for a picture. */
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
    if (item.photo) this.#upload();
    else this.connection.send(frameOf(item));
  }

  // One upload at a time, in order; what fails is tried again.
  async #upload() {
    if (this.#sending) return;
    this.#sending = true;
    let item;
    while ((item = this.waiting.find((one) => one.photo)) && this.connection.live) {
      const status = await post(item);
      if (status === 204) this.#done(item);
      else if (status === 413 || status === 422 || status === 404) this.#refused(item);
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
    item.state = "refused";
    this.#keep();
    this.changed(item);
  }

  #keep() {
    const lasting = this.waiting.filter((item) => !item.photo);
    memory.set(this.key, lasting.map(({ state, ...item }) => item));
  }
}

function frameOf({ state, at, photo, shown, ...act }) {
  return { ...act, age: Math.max(0, Date.now() - at) };
}

async function post(item) {
  const form = new FormData();
  form.append("said", JSON.stringify(frameOf(item)));
  form.append("photo", item.photo);
  try {
    const answer = await fetch(`/console/chats/${encodeURIComponent(item.chat)}/photos`, { method: "POST", body: form });
    return answer.status;
  } catch {
    return 0;
  }
}
