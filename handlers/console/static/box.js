// The box to type in: words, a photo, and what they reply to.

import { summary } from "./card.js";
import { $, h } from "./dom.js";
import { onLanguage, t } from "./words.js";

const QUICK = ["quick.1", "quick.2", "quick.3"];
const LONGEST_SIDE = 2560;
const SMALL_ENOUGH = 1_500_000;

export class Box {
  /** `send({text, photo, shown, reply_to})` takes what is sent, `complain(text)` what is wrong. */
  constructor({ send, complain }) {
    Object.assign(this, { send, complain });
    this.form = $("#box");
    this.words = $("#words");
    this.reply = null;
    this.photo = null;
    this.form.addEventListener("submit", (event) => (event.preventDefault(), this.#submit()));
    this.words.addEventListener("input", () => this.#grow());
    this.words.addEventListener("keydown", (event) => this.#key(event));
    this.words.addEventListener("paste", ({ clipboardData }) => this.#attach([...clipboardData.files][0]));
    $("#photo").addEventListener("change", ({ target }) => (this.#attach(target.files[0]), (target.value = "")));
    $("#replying button").addEventListener("click", () => this.replyTo(null));
    $("#attached button").addEventListener("click", () => this.#attach(null));
    this.#grow();
    onLanguage(() => this.#drawReply());
  }

  /** Make what follows a reply to a message; null: not any more. */
  replyTo(message) {
    this.reply = message;
    this.#drawReply();
    if (message) this.words.focus();
  }

  #drawReply() {
    const { reply } = this;
    $("#replying").hidden = $("#quick").hidden = !reply;
    this.words.placeholder = t(reply?.case ? "box.hint_reply" : "box.hint");
    if (!reply) return;
    $("#replying b").textContent = `↩ ${reply.own ? t("message.me") : reply.name || t("message.program")}`;
    $("#replying span").textContent = summary(reply);
    const quick = (key) => h("button.plain", { type: "button", onclick: () => this.#say(t(key)) }, t(key));
    $("#quick").replaceChildren(...(reply.case ? QUICK.map(quick) : []));
  }

  #say(text) {
    this.words.value = text;
    this.#grow();
    this.words.focus();
  }

  #key(event) {
    if (event.key === "Escape" && this.reply) this.replyTo(null);
    const enter = event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
    if (!enter) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.words.value.trim();
    const limit = this.words.maxLength;
    if (text.length > limit) return this.complain(t("box.too_long", { limit }));
    if (!text && !this.photo) return undefined;
    this.send({ text, photo: this.photo?.blob ?? null, shown: this.photo?.url ?? null, reply_to: this.reply?.id ?? null });
    this.words.value = "";
    this.photo = null;
    $("#attached").hidden = true;
    this.replyTo(null);
    this.#grow();
    return this.words.focus();
  }

  async #attach(file) {
    if (file === undefined) return;
    this.photo = null;
    if (file) {
      try {
        const blob = await smaller(file);
        this.photo = { blob, url: URL.createObjectURL(blob) };
        $("#attached img").src = this.photo.url;
      } catch {
        this.complain(t("box.photo_bad"));
      }
    }
    $("#attached").hidden = !this.photo;
    this.#grow();
  }

  #grow() {
    this.words.style.height = "auto";
    this.words.style.height = `${Math.min(this.words.scrollHeight, 160)}px`;
    $("#send").disabled = !this.words.value.trim() && !this.photo;
  }
}

/** A photo that a thin uplink can carry; pictures that are small already stay as they are. */
async function smaller(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  if (scale === 1 && file.size < SMALL_ENOUGH && /^image\/(jpeg|png)$/.test(file.type)) return file;
  const canvas = h("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) =>
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no blob"))), "image/jpeg", 0.85),
  );
}
