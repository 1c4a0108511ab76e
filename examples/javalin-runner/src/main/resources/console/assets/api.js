import { token } from "./session.js";

/** A refusal by the server (RFC 9457), or status 0 when no answer came. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.status = status;
    this.type = body.type ?? "about:blank";
    this.conversation = body.conversation ?? null;
  }
}

const TIMEOUT_MS = 20_000;
let clockOffset = 0;
let whenSignedOut = () => {};

export const onSignedOut = (listener) => (whenSignedOut = listener);

/** The server's clock, as well as one can tell from its Date header: deadlines are its, not this computer's. */
export const serverNow = () => Date.now() + clockOffset;

export async function call(method, path, body) {
  let response;
  let text;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: "application/json",
        Authorization: `Bearer ${token() ?? ""}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (failure) {
    throw new Problem(0, { detail: String(failure.message ?? failure) });
  }
  noteClock(response.headers.get("Date"));
  let content = {};
  try {
    content = text ? JSON.parse(text) : {};
  } catch {
    if (response.ok) throw new Problem(0, { detail: text.slice(0, 200) }); // something in between has answered
    content = { detail: text.slice(0, 200) };
  }
  if (response.ok) return content;
  if (response.status === 401) whenSignedOut();
  throw new Problem(response.status, content);
}

function noteClock(date) {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return;
  const offset = theirs + 500 - Date.now(); // the header has whole seconds
  clockOffset = Math.abs(offset) > 2_000 ? offset : 0;
}

export const get = (path, query = {}) => {
  const search = new URLSearchParams(Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== ""));
  return call("GET", search.size ? `${path}?${search}` : path);
};

/** crypto.randomUUID exists only in secure contexts; a console on plain http in a LAN is not one. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const unanswered = new Map();

/** Sends a command on a conversation, good only while control is where the screen shows it. */
export const command = (conversation, action, body = {}) => once(conversation, action, { ...body, epoch: conversation.epoch });

/**
 * Sends something that is to have one effect. When the answer never came it keeps its id: pressing the button again
 * repeats it instead of giving a second one.
 */
export async function once(conversation, action, content) {
  const path = `/api/conversations/${encodeURIComponent(conversation.id)}/${action}`;
  const print = path + JSON.stringify(content);
  const commandId = unanswered.get(print) ?? newId();
  unanswered.set(print, commandId);
  try {
    const answer = await call("POST", path, { commandId, ...content });
    unanswered.delete(print);
    return answer;
  } catch (problem) {
    if (problem.status >= 400 && problem.status < 500) unanswered.delete(print);
    throw problem;
  }
}
