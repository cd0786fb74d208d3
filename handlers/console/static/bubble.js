// What people write, and what the program says without a case: bubbles.

import { foot, pictureUrl, saysWhenErased, summary } from "./card.js";
import { h } from "./dom.js";
import { player } from "./talk.js";
import { clock } from "./times.js";
import { t } from "./words.js";

/** A message's bubble; `quoted` is the message it replies to, if it is known. */
export function bubble(message, chat, desk, quoted) {
  const program = message.kind === "post";
  return h(
    "article.bubble",
    { id: `m${message.id}`, data: { id: message.id, own: message.own ? "yes" : "no", program: program ? "yes" : "no" } },
    !message.own && h("p.from", {}, program ? t("message.program") : message.name),
    message.reply_to && quote(message, quoted, desk),
    message.picture && photo(message, chat, desk),
    message.recording && player(recordingUrl(chat, message.recording), message.recording.seconds),
    message.text && h("p.text", {}, message.text),
    message.buttons.length > 0 && buttons(message, chat, desk),
    message.own ? ownFoot(message, desk) : foot(message, chat, desk),
  );
}

const recordingUrl = (chat, { sha256 }) => `/console/chats/${encodeURIComponent(chat)}/recordings/${sha256}`;

function quote(message, quoted, desk) {
  const text = quoted ? summary(quoted) : t("message.quoted_gone");
  return h("button.quoted", { type: "button", onclick: () => desk.goTo(message.reply_to) }, text);
}

function photo(message, chat, desk) {
  const name = message.own ? t("message.me") : message.name;
  const label = t("message.photo_of", { name });
  const { width, height } = message.picture;
  const src = message.picture.local ?? pictureUrl(chat, message.picture);
  const picture = h("img", { src, alt: "", loading: "lazy", decoding: "async", width: width || null, height: height || null });
  const onclick = () => desk.enlarge(src, label);
  return saysWhenErased(h("button.shot", { type: "button", "aria-label": label, onclick }, picture), picture);
}

function buttons(message, chat, desk) {
  const waiting = desk.pressedOn(message.id);
  return message.buttons.map((row) =>
    h(
      "div.action-row",
      {},
      row.map(({ label, data, verb }) =>
        h("button", { type: "button", data: { verb }, disabled: Boolean(waiting), onclick: () => desk.press(message, chat, data) }, label),
      ),
    ),
  );
}

function ownFoot(message, desk) {
  const [mark, key] = message.taken ? ["✓", "message.sent"] : ["🕓", "message.waiting"];
  return h(
    "footer",
    {},
    h("time", { datetime: new Date(message.at).toISOString() }, clock(message.at, desk.zone)),
    h("span.tick", { role: "img", "aria-label": t(key), title: t(key), data: { taken: message.taken ? "yes" : "no" } }, mark),
  );
}

/** What still waits in the outbox, or was refused. */
export function pending(item, desk, quoted) {
  const refused = item.state === "refused";
  const state = refused ? "message.failed" : "message.waiting";
  return h(
    "article.bubble.pending",
    { data: { client: item.id, own: "yes", state: item.state } },
    item.reply_to && quote(item, quoted, desk),
    item.photo && h("span.shot", {}, h("img", { src: item.shown, alt: t("message.photo") })),
    item.recording && h("div.said", {}, h("audio", { controls: true, src: item.shown })),
    item.text && h("p.text", {}, item.text),
    h(
      "footer",
      {},
      h("time", {}, clock(item.at, desk.zone)),
      h("span.tick", { role: "img", "aria-label": t(state), title: t(state), data: { taken: "no" } }, refused ? "⚠" : "🕓"),
      refused && h("span", {}, item.why || t(state)),
      refused && h("button.reply", { type: "button", onclick: () => desk.discard(item.id) }, t("message.discard")),
    ),
  );
}
