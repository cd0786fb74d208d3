// The speaker panel of the desk.

import { $, h } from "./dom.js";
import { Speaker } from "./speaker.js";
import { clock, span } from "./times.js";
import { language, onLanguage, t } from "./words.js";

const STATES_EVERY = 10_000;

export class Speakers {
  /**
   * `zone` gives the time zone, `changed(sounding)` is told whether one can sound, `talk({id, name})`
   * has a person speak on one.
   */
  constructor({ list, zone, changed, talk }) {
    Object.assign(this, { list, zone, changed, talk });
    this.root = $("#speakers");
    this.here = new Map();
    for (const { id } of list.filter((one) => one.here)) this.here.set(id, new Speaker({ id, told: () => this.draw() }));
    onLanguage(() => (this.draw(), this.#look()));
    setInterval(() => document.hidden || this.draw(), 5_000);
    setInterval(() => document.hidden || this.#look(), STATES_EVERY);
    this.states = new Map();
    this.draw();
    this.#look();
  }

  async #look() {
    try {
      const answer = await fetch(`/console/speakers?language=${language()}`);
      if (!answer.ok) return;
      const { speakers } = await answer.json();
      this.states = new Map(speakers.map((one) => [one.id, one]));
      this.draw();
    } catch {
      // The connection's own banner says that the server cannot be reached.
    }
  }

  get sounding() {
    return [...this.here.values()].some((one) => one.state === "ready" || one.state === "speaking");
  }

  draw() {
    const panels = this.list.map((about) => this.#panel(about, this.here.get(about.id)));
    this.root.replaceChildren(...(panels.length ? panels : [h("p.nothing", {}, t("speaker.none"))]));
    this.changed(this.sounding);
  }

  #panel(about, speaker) {
    const state = speaker ? speaker.state : "device";
    return h(
      "div.speaker",
      { data: { state } },
      h("p.speaker-name", {}, h("b", {}, about.name), h("span", {}, about.site_name), this.#talkButton(about)),
      speaker ? this.#controls(about, speaker) : this.#device(about, this.states.get(about.id)),
    );
  }

  #talkButton({ id, name }) {
    const label = t("talk.on_speaker", { name });
    return h("button.icon", { type: "button", title: label, "aria-label": label, onclick: () => this.talk({ id, name }) }, microphone());
  }

  #device(about, how) {
    const fine = about.one_way ? "speaker.one_way" : "speaker.answers";
    return this.#down(how) || h("p.small", {}, t(how?.state === "ok" ? fine : "speaker.device"));
  }

  // Another device may be this horn already: whoever looks wants to know whether anybody listens.
  #elsewhere(how) {
    return this.#down(how) || (how?.state === "ok" && h("p.small", {}, t("speaker.elsewhere")));
  }

  #down(how) {
    if (how?.state === "back") return h("p.small", { role: "status" }, t("speaker.back", { back: clock(how.back, this.zone()), since: clock(how.since, this.zone()) }));
    if (how?.state !== "down") return null;
    return h("p.fault", { role: "status" }, t("speaker.down", { since: clock(how.since, this.zone()), why: how.why }));
  }

  #controls(about, speaker) {
    if (speaker.state === "off" || speaker.state === "blocked") return this.#start(about, speaker);
    return [
      h("p.speaker-state", { role: "status" }, h("i", { "aria-hidden": "true" }), t(`speaker.${speaker.state}`), h("span.beat", {}, beat(speaker))),
      h("blockquote", { data: { fresh: speaker.state === "speaking" ? "yes" : "no" } }, speaker.said || t("speaker.nothing_yet"), speaker.saidAt && h("time", {}, clock(speaker.saidAt, this.zone()))),
      speaker.fault && h("p.fault", {}, t("speaker.failed", { why: speaker.fault })),
      h("p.speaker-foot", {}, h("button.plain", { type: "button", onclick: () => speaker.stop() }, t("speaker.stop")), full(about)),
    ];
  }

  #start(about, speaker) {
    return [
      this.#elsewhere(this.states.get(about.id)),
      h("button.start", { type: "button", onclick: () => speaker.start() }, t("speaker.start")),
      h("p.small", {}, speaker.state === "blocked" ? t("speaker.blocked") : t("speaker.start_hint", { name: about.name }), " ", full(about)),
    ];
  }
}

// The one of the box: an emoji is an empty square where no font has it.
const microphone = () => $("#talk svg").cloneNode(true);

const full = (about) => h("a", { href: `/speaker/${about.id}`, target: "_blank", rel: "noopener" }, t("speaker.full"));

const beat = (speaker) => (speaker.beatAt ? t("speaker.heard", { age: span(Date.now() - speaker.beatAt) }) : "");
