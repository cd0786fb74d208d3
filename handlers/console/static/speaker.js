// This browser as a loudspeaker: the socket to the hub, the sound, and an honest report of it.

import { Connection } from "./connection.js";

const HEARTBEAT_EVERY = 5_000;
const CHIME = "/speaker/chime.wav";

/**
 * `told(speaker)` is called whenever something changes: `state` (off, connecting, ready, speaking,
 * blocked), `said`, `saidAt`, `beatAt`, `fault`.  `key` is the key of a speaker's own link.
 */
export class Speaker {
  constructor({ id, key = "", told }) {
    Object.assign(this, { id, told, state: "off", said: "", saidAt: null, beatAt: null, fault: "" });
    this.query = key ? `?key=${encodeURIComponent(key)}` : "";
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.play = null;
    this.connection = null;
    this.audio.addEventListener("playing", () => this.#sounds());
    this.audio.addEventListener("ended", () => this.#ends());
    this.audio.addEventListener("error", () => this.audio.getAttribute("src") && this.#fails(mediaFault(this.audio.error)));
  }

  /** Called by a tap: only a tap may make a browser sound.  The chime proves that it does. */
  async start() {
    this.audio.src = CHIME;
    try {
      await this.audio.play();
    } catch (fault) {
      this.#become("blocked", String(fault?.name ?? fault));
      return;
    }
    this.fault = "";
    if (this.connection) return;
    this.#become("connecting");
    this.connection = new Connection({
      path: `/speaker/${this.id}/socket${this.query}`,
      greet: () => ({ type: "heartbeat" }),
      hear: (frame) => this.#hear(frame),
      told: (state) => this.#connected(state),
    });
    this.connection.now();
    this.timer = setInterval(() => this.#beat(), HEARTBEAT_EVERY);
    this.awake = new Awake(() => this.told(this));
  }

  stop() {
    clearInterval(this.timer);
    const { connection } = this;
    this.connection = null; // first: its end is told here as well
    connection?.end();
    this.awake?.end();
    this.awake = null;
    this.#hush();
    this.#become("off");
  }

  #beat() {
    if (this.connection?.send({ type: "heartbeat" })) this.beatAt = Date.now();
    this.told(this);
  }

  #connected(state) {
    if (!this.connection) return;
    if (state === "live") this.beatAt = Date.now();
    if (state === "live") this.#become("ready");
    else if (state === "signed_out") this.stop();
    else if (this.state !== "speaking") this.#become("connecting");
  }

  #hear(frame) {
    if (frame.type === "play") this.#begin(frame);
    else if (frame.type === "stop" && this.play?.play === frame.play) {
      this.#hush();
      this.#become("ready");
    }
  }

  #begin(frame) {
    this.#hush();
    this.play = frame;
    this.audio.volume = Math.min(1, Math.max(0, frame.volume ?? 1));
    this.audio.src = `/speaker/${this.id}/sound/${encodeURIComponent(frame.play)}${this.query}`;
    this.audio.play().catch((fault) => {
      if (this.play !== frame || fault?.name === "AbortError") return;
      this.#fails(String(fault?.name ?? fault));
      if (fault?.name === "NotAllowedError") this.#become("blocked", fault.name);
    });
  }

  #sounds() {
    if (!this.play) return;
    this.#report("started");
    this.said = this.play.text;
    this.saidAt = Date.now();
    this.#become("speaking");
  }

  #ends() {
    if (!this.play) return;
    this.#report("ended");
    this.play = null;
    this.#become("ready");
  }

  #fails(detail) {
    if (!this.play) return;
    this.#report("failed", { detail });
    this.play = null;
    this.#become("ready", detail);
  }

  #report(type, more = {}) {
    this.connection?.send({ type, play: this.play.play, ...more });
  }

  #hush() {
    this.play = null;
    this.audio.pause();
    this.audio.removeAttribute("src");
  }

  #become(state, fault = "") {
    this.state = state === "ready" && !this.connection?.live ? "connecting" : state;
    if (fault || state === "speaking") this.fault = fault;
    this.told(this);
  }
}

function mediaFault(error) {
  return ["", "aborted", "network", "decode", "not supported"][error?.code ?? 0] || "unknown";
}

/** Keeps the screen on while it can; browsers let go of it when the page is hidden. */
class Awake {
  constructor(told) {
    Object.assign(this, { told, held: false, over: false });
    this.again = () => document.hidden || this.#ask();
    document.addEventListener("visibilitychange", this.again);
    this.#ask();
  }

  end() {
    this.over = true;
    document.removeEventListener("visibilitychange", this.again);
    this.lock?.release();
  }

  async #ask() {
    try {
      this.lock = await navigator.wakeLock.request("screen");
      this.held = true;
      this.lock.addEventListener("release", () => ((this.held = false), this.told()));
      if (this.over) this.lock.release();
    } catch {
      this.held = false;
    }
    this.told();
  }
}
