// A case's card: what the program posts, with its picture, its buttons and where it stands.

import { h } from "./dom.js";
import { clock, moment } from "./times.js";
import { t } from "./words.js";

/** Where the case of a card stands: its own word, else the case list's; a closed card has no buttons. */
export function stateOf(message, cases) {
  return message.fields.state ?? cases.stateOf(message.case) ?? (message.buttons.length ? null : "closed");
}

/** The headline without the dot and the word that other platforms need: here bar and badge say it. */
export function headline(message) {
  const first = (message.text.split("\n", 1)[0] ?? "").replace(/^[🟡🟠🔴]\s*/u, "");
  const urgent = [t("urgent.zh"), t("urgent.en")].find((word) => first.startsWith(`${word} `));
  return message.severity === "emergency" && urgent ? first.slice(urgent.length + 1) : first;
}

/** What a message is called where it is quoted; one without words by what it holds. */
export function summary(message) {
  const { recording } = message;
  return headline(message) || (recording ? t("talk.recording", { seconds: Math.round(recording.seconds) }) : t("message.photo"));
}

export const pictureUrl = (chat, picture) => picture.url ?? `/console/chats/${encodeURIComponent(chat)}/pictures/${picture.sha256}`;

/** The chip that names a state, with the outcome where it is over. */
export function chip(state, outcome) {
  const words = state === "closed" && outcome && outcome !== "other" ? t(`outcome.${outcome}`) : t(`state.${state}`);
  return h("span.chip", { data: { state, outcome: outcome ?? "" } }, words);
}

/** The card; `desk` gives zone, cases, press(), reply(), enlarge() and pressed(id). */
export function card(message, chat, desk) {
  const state = stateOf(message, desk.cases);
  const lines = message.text.split("\n").slice(1).filter(Boolean);
  return h(
    "article.card",
    {
      id: `m${message.id}`,
      data: { id: message.id, severity: message.severity ?? "", state: state ?? "", case: message.case ?? "" },
      "aria-label": headline(message),
    },
    h(
      "header",
      {},
      message.severity && h("span.grade", { data: { severity: message.severity } }, t(`severity.${message.severity}`)),
      h("h3", {}, headline(message)),
      state && chip(state, message.fields.outcome),
    ),
    message.picture && shot(message, chat, desk),
    h("div.lines", {}, lines.map((text) => line(text, message.mentions)), called(message)),
    message.buttons.length > 0 && actions(message, chat, desk),
    foot(message, chat, desk),
  );
}

function line(text, mentions) {
  const told = /^(状态：|State: )(.*)$/u.exec(text);
  if (!told) return h("p", {}, rich(text, mentions));
  return h("p.stands", {}, h("span.stands-label", {}, told[1].trim()), " ", rich(told[2], mentions));
}

// In a pattern, what is not syntax must not be escaped: `@Li Wei`, `@李工（夜班）`.
const literally = (words) => words.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

// A date is not torn apart at its hyphen, and a person called by name sees it.
function rich(text, mentions) {
  const names = mentions.map(({ name }) => `@${name}`);
  const mine = new Set(mentions.filter(({ me }) => me).map(({ name }) => `@${name}`));
  const longestFirst = [...names].sort((one, other) => other.length - one.length);
  const parts = ["\\d\\d-\\d\\d \\d\\d:\\d\\d(?::\\d\\d)?", ...longestFirst.map(literally)];
  return text.split(new RegExp(`(${parts.join("|")})`, "u")).map((part) => {
    if (mine.has(part)) return h("mark", {}, part);
    if (names.includes(part)) return h("span.called", {}, part);
    return /^\d\d-\d\d /.test(part) ? h("span.stamp", {}, part) : part;
  });
}

/** The place of a picture says so once the picture is gone by rule. */
export function saysWhenErased(holder, picture) {
  picture.addEventListener("error", async () => {
    const answer = await fetch(picture.src, { cache: "no-store" }).catch(() => null);
    if (answer?.status === 410) holder.replaceWith(h("p.erased", {}, t("message.erased")));
  });
  return holder;
}

function shot(message, chat, desk) {
  const { width, height } = message.picture;
  const picture = h("img", {
    src: pictureUrl(chat, message.picture),
    alt: "",
    loading: "lazy",
    decoding: "async",
    width: width || null,
    height: height || null,
  });
  const label = t("message.snapshot", { what: headline(message) });
  const onclick = () => desk.enlarge(picture.src, headline(message));
  return saysWhenErased(h("button.shot", { type: "button", "aria-label": label, onclick }, picture), picture);
}

// Whoever is called and not named in the card itself.
function called({ text, mentions }) {
  const others = mentions.filter(({ name }) => !text.includes(`@${name}`));
  return others.length > 0 && h("p.mentions", {}, others.map(({ name, me }) => h(me ? "mark" : "span.called", {}, `@${name}`)));
}

function actions(message, chat, desk) {
  const waiting = desk.pressedOn(message.id);
  const button = ({ label, data, verb }, primary) =>
    h(
      "button",
      {
        type: "button",
        data: { verb, primary: primary ? "yes" : "no" },
        "aria-busy": waiting?.data === data ? "true" : null,
        disabled: Boolean(waiting),
        onclick: () => desk.press(message, chat, data),
      },
      label,
    );
  return h(
    "div.actions",
    {},
    message.buttons.map((row, at) => h("div.action-row", {}, row.map((one) => button(one, at === 0 && row.length === 1)))),
  );
}

export function foot(message, chat, desk) {
  const edited = message.edited_at && message.edited_at - message.at > 1000;
  return h(
    "footer",
    {},
    h("time", { datetime: new Date(message.at).toISOString() }, clock(message.at, desk.zone)),
    edited && h("span.edited", {}, t("message.edited", { time: moment(message.edited_at, desk.zone) })),
    typeof message.id === "number" && h(
      "button.reply",
      { type: "button", "aria-label": t("message.reply_to", { name: headline(message) || message.name }), onclick: () => desk.reply(message, chat) },
      "↩ ",
      t("message.reply"),
    ),
  );
}
