// The socket to the server: opened again whenever it is lost, and told dead when it is silent.

const RETRY_FROM = 400;
const RETRY_TO = 8_000;
const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;

/**
 * `greet` gives the first frame of every connection, `hear` takes the server's frames, `told` the
 * state: connecting, live, lost or signed_out.
 */
export class Connection {
  #socket = null;
  #retry = RETRY_FROM;
  #timer = 0;
  #ping = 0;
  #pong = 0;
  #over = false;

  constructor({ path, greet, hear, told }) {
    Object.assign(this, { path, greet, hear, told });
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.#lost());
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
  }

  get live() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Try at once. */
  now() {
    if (this.#over || this.#socket) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  /** False where there is no connection: then nothing was sent. */
  send(frame) {
    if (!this.live) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** No more connections: the session is over. */
  end() {
    this.#over = true;
    this.#drop();
    this.told("signed_out");
  }

  #open() {
    this.told("connecting");
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.path}`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#retry = RETRY_FROM;
      const frame = this.greet();
      if (frame) this.send(frame);
      this.told("live");
      this.#listen();
    };
    socket.onmessage = ({ data }) => socket === this.#socket && this.#take(JSON.parse(data));
    socket.onclose = () => socket === this.#socket && this.#lost();
  }

  #take(frame) {
    this.#listen();
    if (frame.type === "signed_out") this.end();
    else if (frame.type !== "pong") this.hear(frame);
  }

  // Every frame proves that the other side lives; silence is asked about, and then believed.
  #listen() {
    clearTimeout(this.#ping);
    clearTimeout(this.#pong);
    this.#ping = setTimeout(() => {
      this.send({ type: "ping" });
      this.#pong = setTimeout(() => this.#lost(), PONG_WITHIN);
    }, PING_EVERY);
  }

  #lost() {
    if (this.#over) return;
    this.#drop();
    this.told("lost");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), this.#retry * (0.7 + Math.random() * 0.6));
    this.#retry = Math.min(this.#retry * 2, RETRY_TO);
  }

  #drop() {
    clearTimeout(this.#ping);
    clearTimeout(this.#pong);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }
}
