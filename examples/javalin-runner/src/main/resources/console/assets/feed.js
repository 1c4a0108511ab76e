import { call, get } from "./api.js";

const POLL_MS = 3_000;
const QUIET_MS = 15_000;
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
    this.heardAt = 0;
  }

  start() {
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#hurry());
    setInterval(() => this.#poll(), POLL_MS);
    this.onState("connecting");
    this.#connect();
  }

  get live() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  async #connect() {
    if (this.opening || this.live) return;
    this.opening = true;
    try {
      const { ticket } = await call("POST", "/api/ws-ticket", {});
      const scheme = location.protocol === "https:" ? "wss:" : "ws:";
      const query = new URLSearchParams({ ticket, after: this.cursor });
      await this.#open(`${scheme}//${location.host}/ws/events?${query}`);
      this.failures = 0;
      this.heardAt = Date.now();
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
      socket.onmessage = (frame) => {
        this.heardAt = Date.now();
        this.#take(JSON.parse(frame.data));
      };
      socket.onclose = () => {
        reject(new Error("closed"));
        this.#lost(socket);
      };
    });
  }

  #lost(socket) {
    if (this.socket !== socket) return;
    this.socket = null;
    this.onState("connecting");
    this.#soon();
    this.#poll();
  }

  #hurry() {
    this.heardAt = 0;
    this.#soon(0);
    this.#poll();
  }

  #soon(wait = this.#backoff()) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#connect(), wait);
  }

  #backoff() {
    const longest = Math.min(LONGEST_WAIT_MS, 500 * 2 ** Math.min(this.failures, 10));
    return longest / 2 + Math.random() * (longest / 2);
  }

  /** A socket that has been quiet is not believed: a network that went away does not close it for minutes. */
  async #poll() {
    const quiet = Date.now() - this.heardAt > QUIET_MS;
    if (this.polling || (this.live && !quiet)) return;
    this.polling = true;
    const asked = this.live ? this.socket : null;
    try {
      for (;;) {
        const page = await get("/api/events", { after: this.cursor, limit: PAGE });
        const missed = page.items.filter((event) => this.#take(event));
        if (asked && missed.length > 0) this.#abandon(asked);
        if (page.items.length === 0) break;
      }
      this.heardAt = Date.now();
      if (this.live) this.onState("live");
      else if (this.failures > 0) this.onState("polling");
    } catch {
      this.onState("offline");
    } finally {
      this.polling = false;
    }
  }

  #abandon(socket) {
    socket.onmessage = null;
    socket.close();
    this.#lost(socket); // its own close may take as long as the network
  }

  /** Whether it was new. */
  #take(event) {
    if (!(event.cursor > this.cursor)) return false;
    this.cursor = event.cursor;
    this.onEvent(event);
    return true;
  }
}
