import { call, get } from "./api.js";

const POLL_MS = 3_000;
const LONGEST_WAIT_MS = 15_000;
const PAGE = 200;

/**
 * The cursor of the newest event. The feed is paged from its beginning and its cursors may have holes, so the end is
 * found by doubling and halving: a few dozen one-event requests, even for millions of events.
 */
export async function endOfFeed() {
  const first = await get("/api/events", { after: 0, limit: PAGE });
  const last = first.items.at(-1)?.cursor ?? 0;
  if (first.items.length < PAGE) return { cursor: last, items: first.items };
  const firstAfter = async (cursor) => (await get("/api/events", { after: cursor, limit: 1 })).items[0]?.cursor;
  let low = last; // an event is here
  let high = low * 2; // and none after this, once the first loop has ended
  for (let found; (found = await firstAfter(high)); ) {
    low = found;
    high = low * 2;
  }
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = await firstAfter(middle);
    if (found) low = found;
    else high = middle;
  }
  const recent = await get("/api/events", { after: Math.max(0, low - PAGE), limit: PAGE });
  return { cursor: Math.max(low, recent.items.at(-1)?.cursor ?? 0), items: recent.items };
}

/**
 * Events as they happen: by WebSocket, resumed from the last cursor after every cut, and by polling for as long as there
 * is no WebSocket. An event seen twice (both ways overlap for a moment) is told once.
 */
export class Feed {
  constructor({ cursor, onEvent, onState }) {
    this.cursor = cursor;
    this.onEvent = onEvent;
    this.onState = onState;
    this.failures = 0;
    this.socket = null;
    this.stopped = false;
    this.hurry = () => this.#soon(0);
    this.comeBack = () => document.visibilityState === "visible" && this.hurry();
  }

  start() {
    window.addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.comeBack);
    this.poller = setInterval(() => this.#poll(), POLL_MS);
    this.onState("connecting");
    this.#connect();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.poller);
    window.removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.comeBack);
    this.socket?.close();
  }

  get live() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  async #connect() {
    if (this.stopped || this.opening || this.live) return;
    this.opening = true;
    try {
      const { ticket } = await call("POST", "/api/ws-ticket", {});
      if (this.stopped) return;
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      const query = new URLSearchParams({ ticket, after: this.cursor });
      await this.#open(`${scheme}//${location.host}/ws/events?${query}`);
      this.failures = 0;
      this.onState("live");
    } catch {
      // no ticket or no socket: polling goes on, and another try follows
      this.failures++;
      this.#soon();
    } finally {
      this.opening = false;
    }
  }

  #open(url) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      this.socket = socket;
      socket.onopen = resolve;
      socket.onmessage = (frame) => this.#take(JSON.parse(frame.data));
      socket.onclose = () => {
        reject(new Error("closed"));
        if (this.socket !== socket || this.stopped) return;
        this.socket = null;
        this.onState("connecting");
        this.#soon();
        this.#poll();
      };
    });
  }

  #soon(wait = this.#backoff()) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#connect(), wait);
  }

  #backoff() {
    const longest = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(this.failures, 10));
    return longest / 2 + Math.random() * (longest / 2);
  }

  async #poll() {
    if (this.stopped || this.live || this.polling) return;
    this.polling = true;
    try {
      for (;;) {
        const page = await get("/api/events", { after: this.cursor, limit: PAGE });
        if (this.stopped) return;
        page.items.forEach((event) => this.#take(event));
        if (page.items.length === 0) break;
      }
      if (!this.live && this.failures > 0) this.onState("polling");
    } catch {
      if (!this.live && !this.stopped) this.onState("offline");
    } finally {
      this.polling = false;
    }
  }

  #take(event) {
    if (!(event.cursor > this.cursor)) return;
    this.cursor = event.cursor;
    this.onEvent(event);
  }
}
