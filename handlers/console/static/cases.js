// The case list beside the chat, and the strip that does not let an emergency be overlooked.

import { chip } from "./card.js";
import { $, $$, h, settled } from "./dom.js";
import { clock, moment, now, span } from "./times.js";
import { language, onLanguage, t } from "./words.js";

export class Cases {
  /**
   * `open(number)` shows a case's card, `changed()` is told when the list was fetched; `every` is
   * how often (ms) that happens by itself, besides whenever a card changes.
   */
  constructor({ open, changed, every }) {
    Object.assign(this, { open, changed });
    this.whens = new Map();
    this.live = [];
    this.closed = [];
    this.which = "live";
    this.loaded = false;
    this.failed = false;
    this.soon = settled(() => this.fetch(), 250);
    for (const button of $$("[data-which]")) button.addEventListener("click", () => this.#choose(button.dataset.which));
    $("#case-filter").addEventListener("input", () => this.draw());
    $("#alarm").addEventListener("click", () => this.open(this.emergencies[0].number));
    setInterval(() => document.hidden || this.fetch(), every);
    setInterval(() => document.hidden || this.#tick(), 1_000);
    onLanguage(() => this.loaded && this.fetch());
  }

  get emergencies() {
    return this.live.filter((one) => one.severity === "emergency");
  }

  /** The state of a case that is open; unknown for others. */
  stateOf(number) {
    return this.live.find((one) => one.number === number)?.state ?? null;
  }

  async fetch() {
    try {
      this.live = await fetchCases("live");
      if (this.which === "closed") this.closed = await fetchCases("closed");
      this.loaded = true;
      this.failed = false;
    } catch {
      this.failed = true;
    }
    this.draw();
    this.changed();
  }

  draw() {
    $("[data-which=live]").textContent = `${t("cases.live")} ${this.live.length}`;
    for (const button of $$("[data-which]")) button.setAttribute("aria-pressed", String(button.dataset.which === this.which));
    this.#alarm();
    const wanted = $("#case-filter").value.trim().toLowerCase();
    const all = this.which === "live" ? this.live : this.closed;
    const shown = all.filter((one) => matches(one, wanted));
    const told = JSON.stringify([language(), this.which, this.failed, all.length, shown]);
    if (told === this.told) return; // a line is not taken away from under a finger
    this.told = told;
    const list = $("#case-list");
    this.whens.clear();
    list.replaceChildren(...shown.map((one) => this.#line(one)));
    if (!shown.length) list.append(this.#nothing(all.length > 0));
  }

  // How old a case is, and whether it is overdue, goes on between two fetches.
  #tick() {
    for (const [one, when] of this.whens) if (this.which === "live") when.replaceChildren(...[since(one)].flat());
  }

  #line(one) {
    const when = h("span.case-when", {}, this.which === "live" ? since(one) : moment(one.closed_at ?? one.opened_at, one.timezone));
    this.whens.set(one, when);
    const places = [one.place, one.site_name].filter((name, at, all) => all.indexOf(name) === at);
    return h(
      "li",
      {},
      h(
        "button.case",
        { type: "button", data: { severity: one.severity, state: one.state }, onclick: () => this.open(one.number) },
        h("span.case-line", {}, h("span.case-what", {}, h("b", {}, `#${one.number}`), ` ${one.title}`), chip(one.state, one.outcome)),
        h(
          "span.case-line",
          {},
          h("span.case-where", {}, [...places, one.by].filter(Boolean).join(" · ")),
          when,
        ),
      ),
    );
  }

  #nothing(filtered) {
    const key = this.failed ? "cases.failed" : filtered ? "cases.no_match" : this.which === "live" ? "cases.none" : "cases.none_closed";
    return h("li.nothing", {}, h("p", {}, t(key)), key === "cases.none" && h("p.small", {}, t("cases.none_hint")));
  }

  #alarm() {
    const [first, ...others] = this.emergencies;
    const strip = $("#alarm");
    strip.hidden = !first;
    if (!first) return;
    const what = `${first.title} · ${first.place} #${first.number}`;
    $(".what", strip).textContent = t(others.length ? "alarm.many" : "alarm.one", { what, count: others.length + 1 });
  }

  #choose(which) {
    this.which = which;
    this.draw();
    this.fetch();
  }
}

async function fetchCases(which) {
  const answer = await fetch(`/console/cases?which=${which}&language=${language()}`);
  if (!answer.ok) throw new Error(`cases: ${answer.status}`);
  return (await answer.json()).cases;
}

function since(one) {
  const age = span(now() - one.opened_at);
  if (!one.due) return age;
  const late = one.due < now();
  const due = late ? t("cases.overdue") : t("cases.due", { time: clock(one.due, one.timezone) });
  return [`${age} · `, h("span", { data: { late: late ? "yes" : "no" } }, due)];
}

function matches(one, wanted) {
  const about = [`#${one.number}`, one.title, one.place, one.site_name, t(`state.${one.state}`), one.by ?? ""];
  return about.join(" ").toLowerCase().includes(wanted);
}
