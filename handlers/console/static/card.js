// A case's card: what the program posts, with its picture, its buttons and where it stands.

import { h } from "./dom.js";
import { clock, moment } from "./times.js";
import { t } from "./words.js";

/** Where the case of a message stands, as far as the message or the case list knows. */
export function stateOf(message, cases) {
  return message.fields?.state ?? (message.case ? cases?.stateOf(message.case) : null) ?? null;
}

/** The headline without the coloured dot that other platforms need: here a bar carries the colour. */
export const headline = (message) => (message.text.split("\n", 1)[0] ?? "").replace(/^[🟡🟠🔴]\s*/u, "");

export const pictureUrl = (chat, picture) => `/console/chats/${encodeURIComponent(chat)}/pictures/${picture.sha256}`;

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
      state && chip(state, message.fields?.outcome),
    ),
    message.picture && shot(message, chat, desk),
    h("div.lines", {}, lines.map(line)),
    mentions(message),
    message.buttons.length > 0 && actions(message, chat, desk),
    foot(message, chat, desk),
  );
}

function line(text) {
  const told = /^(状态：|State: )(.*)$/u.exec(text);
  if (!told) return h("p", {}, text);
  return h("p.stands", {}, h("span.stands-label", {}, told[1].trim()), " ", told[2]);
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
  return h("button.shot", { type: "button", "aria-label": label, onclick: () => desk.enlarge(picture.src, headline(message)) }, picture);
}

function mentions(message) {
  if (!message.mentions.length) return null;
  return h("p.mentions", {}, message.mentions.map(({ name, me }) => h(me ? "mark" : "span", {}, `@${name}`)));
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
    h(
      "button.reply",
      { type: "button", "aria-label": t("message.reply_to", { name: headline(message) || message.name }), onclick: () => desk.reply(message, chat) },
      "↩ ",
      t("message.reply"),
    ),
  );
}
