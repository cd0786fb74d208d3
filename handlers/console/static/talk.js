// Push to talk: hold the button and speak, or tap it, speak and tap again.
//
// What was said goes to the program as a command, or out of a loudspeaker where one was chosen.

import { $, h } from "./dom.js";
import { onLanguage, t } from "./words.js";

const LONGEST_S = 60;
const SHORTEST_MS = 400;
const A_TAP_MS = 350;
const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

export class Talk {
  #recorder = null;
  #opening = false;
  #held = false;
  #begunAt = 0;
  #target = null;
  #timer = 0;

  /** `send({recording, shown, speaker})` takes what was said, `complain(text)` what is wrong. */
  constructor({ send, complain }) {
    Object.assign(this, { send, complain });
    this.button = $("#talk");
    this.strip = $("#recording");
    this.file = $("#recorded");
    let pressedAt = 0;
    this.button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#busy) return;
      pressedAt = performance.now();
      this.#held = true;
      this.begin(null);
    });
    this.button.addEventListener("click", ({ detail }) => {
      // A keyboard has no pointer; a second tap ends what the first began.
      if (!this.#busy) detail === 0 && this.begin(null);
      else if (performance.now() - pressedAt > A_TAP_MS || detail === 0) this.end();
    });
    const released = () => {
      if (!this.#held) return;
      this.#held = false;
      if (performance.now() - pressedAt > A_TAP_MS) this.end();
    };
    addEventListener("pointerup", released);
    addEventListener("pointercancel", released);
    this.button.addEventListener("contextmenu", (event) => event.preventDefault());
    $("[data-act=send]", this.strip).addEventListener("click", () => this.end());
    $("[data-act=drop]", this.strip).addEventListener("click", () => this.drop());
    addEventListener("keydown", ({ key }) => key === "Escape" && this.drop());
    this.file.addEventListener("change", () => this.#chosen());
    onLanguage(() => this.#draw());
  }

  get #busy() {
    return this.#opening || this.#recorder !== null;
  }

  /** Record; `speaker` {id, name} is to play it, null: it is a command. */
  async begin(speaker) {
    if (this.#busy) return;
    this.#target = speaker;
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) {
      // Browsers give the microphone to https alone; a phone's own recorder they allow.
      this.#held = false;
      this.file.click();
      return;
    }
    this.#opening = true;
    this.#draw();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      if (!this.#opening) return stop(stream);
      this.#record(stream);
    } catch (fault) {
      this.complain(t(fault.name === "NotAllowedError" ? "talk.forbidden" : "talk.no_microphone"));
    }
    this.#opening = false;
    this.#draw();
  }

  /** Send what was said. */
  end() {
    if (this.#recorder) this.#recorder.state !== "inactive" && this.#recorder.stop();
    else this.drop();
  }

  /** Forget what was said. */
  drop() {
    this.#opening = false;
    const recorder = this.#recorder;
    this.#recorder = null;
    if (recorder?.state === "recording") recorder.stop();
    this.#draw();
  }

  #record(stream) {
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 });
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    recorder.addEventListener("stop", () => {
      stop(stream);
      clearInterval(this.#timer);
      const wanted = this.#recorder === recorder;
      const lasted = performance.now() - this.#begunAt;
      this.#recorder = null;
      this.#draw();
      if (!wanted) return;
      if (lasted < SHORTEST_MS) this.complain(t("talk.too_short"));
      else this.#say(new Blob(parts, { type: recorder.mimeType }));
    });
    recorder.start();
    this.#recorder = recorder;
    this.#begunAt = performance.now();
    this.#timer = setInterval(() => {
      if (performance.now() - this.#begunAt > LONGEST_S * 1000 - 500) this.end();
      this.#draw();
    }, 250);
  }

  #chosen() {
    const [file] = this.file.files;
    if (file) this.#say(file);
    this.file.value = "";
  }

  #say(recording) {
    this.send({ recording, shown: URL.createObjectURL(recording), speaker: this.#target });
  }

  #draw() {
    this.strip.hidden = !this.#busy;
    this.button.setAttribute("aria-pressed", String(this.#busy));
    if (!this.#busy) return;
    const seconds = this.#recorder ? Math.floor((performance.now() - this.#begunAt) / 1000) : 0;
    const whom = this.#target ? t("talk.to_speaker", { name: this.#target.name }) : t("talk.to_us");
    $("b", this.strip).textContent = `${whom} · ${seconds} / ${LONGEST_S} s`;
  }
}

/** Reads the answers to what was said here aloud. */
export class ReadBack {
  #asked = new Set();
  #sound = new Audio();

  /** The act `client` was spoken: its answer is to be heard. */
  expect(client) {
    this.#asked.add(client);
  }

  /** The message `one` of a chat answers `said`; `language` is the reader's. */
  answered(chat, one, said, language) {
    if (!said?.recording || !this.#asked.has(said.client)) return;
    this.#sound.src = `/console/chats/${encodeURIComponent(chat)}/messages/${one.id}/speech?language=${language}`;
    this.#sound.play().catch(() => speakHere(one.text, language));
  }
}

/** The browser's own voice, where the server has none. */
function speakHere(text, language) {
  const { speechSynthesis } = window;
  if (!speechSynthesis?.getVoices().some((voice) => voice.lang.startsWith(language))) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = language;
  speechSynthesis.speak(words);
}

/** A recording in the chat, to be listened to. */
export function player(src, seconds) {
  const label = t("talk.recording", { seconds: Math.round(seconds) });
  return h("div.said", {}, h("audio", { controls: true, preload: "none", src, "aria-label": label }), h("small", {}, label));
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
