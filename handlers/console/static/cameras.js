// Camera tiles: the newest picture of each, fetched only while somebody can see it.

import { $, h } from "./dom.js";
import { now, setNow, span } from "./times.js";
import { onLanguage, t } from "./words.js";

const TILE_EVERY = 2_000;
const STATES_EVERY = 10_000;

export class Cameras {
  constructor({ enlarge }) {
    this.enlarge = enlarge;
    this.root = $("#cameras");
    this.tiles = new Map();
    this.list = [];
    this.seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.tiles.get(target.dataset.camera)?.look(isIntersecting);
    });
    setInterval(() => this.#refresh(), TILE_EVERY);
    setInterval(() => document.hidden || this.fetch(), STATES_EVERY);
    onLanguage(() => this.#draw());
  }

  async fetch() {
    try {
      const answer = await fetch("/console/cameras");
      if (!answer.ok) return;
      const { cameras, now: at } = await answer.json();
      setNow(at);
      this.list = cameras;
      this.#draw();
    } catch {
      // The connection's own banner says that the server cannot be reached.
    }
  }

  #draw() {
    const { root, list } = this;
    for (const about of list) this.#tile(about).show(about);
    const gone = [...this.tiles.keys()].filter((id) => !list.some((one) => one.id === id));
    for (const id of gone) this.#forget(id);
    root.classList.toggle("none", list.length === 0);
    if (!list.length) root.replaceChildren(h("p.nothing", {}, t("cameras.none")));
  }

  #tile(about) {
    if (!this.tiles.has(about.id)) {
      const tile = new Tile(about, this.enlarge);
      this.tiles.set(about.id, tile);
      if (this.tiles.size === 1) this.root.replaceChildren();
      this.root.append(tile.root);
      this.seen.observe(tile.root);
    }
    return this.tiles.get(about.id);
  }

  #forget(id) {
    this.seen.unobserve(this.tiles.get(id).root);
    this.tiles.get(id).root.remove();
    this.tiles.delete(id);
  }

  #refresh() {
    if (document.hidden) return;
    for (const tile of this.tiles.values()) tile.refresh();
  }
}

class Tile {
  constructor(about, enlarge) {
    this.id = about.id;
    this.visible = false;
    this.busy = false;
    this.at = null;
    this.url = null;
    this.picture = h("img", { alt: "", hidden: true });
    this.name = h("b");
    this.state = h("span.cam-state");
    this.age = h("span.cam-age");
    this.root = h(
      "button.camera",
      { type: "button", data: { camera: about.id }, onclick: () => this.url && enlarge(this.url, this.name.textContent, () => this.url) },
      h("span.frame", {}, this.picture, h("span.no-picture")),
      h("span.cam-line", {}, this.name, this.state, this.age),
    );
  }

  look(visible) {
    this.visible = visible;
    if (visible) this.refresh();
  }

  show(about) {
    this.about = about;
    this.name.textContent = about.name;
    this.state.textContent = about.mode === "trial" ? `${t(`cameras.${about.state}`)} · ${t("cameras.trial")}` : t(`cameras.${about.state}`);
    this.root.dataset.state = about.state;
    this.root.setAttribute("aria-label", t("cameras.enlarge", { name: about.name }));
    this.root.title = about.state === "slow" ? t("cameras.slow_hint", { rate: about.looks_per_second }) : about.detail;
    if (["failed", "ended", "off"].includes(about.state)) $(".no-picture", this.root).textContent = t(`cameras.${about.state}`);
    else $(".no-picture", this.root).textContent = t("cameras.waiting");
    this.#tellAge();
  }

  async refresh() {
    this.#tellAge();
    if (!this.visible || this.busy || this.about?.state === "off") return;
    this.busy = true;
    try {
      const headers = this.at ? { "If-None-Match": `"${this.at}"` } : {};
      const answer = await fetch(`/console/cameras/${this.id}/picture`, { headers, cache: "no-store" });
      if (answer.status === 200) this.#take(await answer.blob(), Number(answer.headers.get("X-Captured-At")));
    } catch {
      // The old picture stays, and its age tells how old it is.
    }
    this.busy = false;
    this.#tellAge();
  }

  #take(blob, at) {
    const old = this.url;
    this.url = URL.createObjectURL(blob);
    this.at = at;
    this.picture.src = this.url;
    this.picture.hidden = false;
    if (old) setTimeout(() => URL.revokeObjectURL(old), 5_000);
  }

  #tellAge() {
    if (!this.at) return;
    const ms = now() - this.at;
    this.age.textContent = ms < 3_000 ? t("cameras.now") : t("cameras.age", { age: span(ms) });
    this.age.dataset.old = ms > 15_000 ? "yes" : "no";
  }
}
