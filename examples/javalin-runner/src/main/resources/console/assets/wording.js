import { language, t, known } from "./language.js";

/** What a message, a person or a moment is called on the screen. */

export function agentName(id) {
  if (!id) return "";
  return /^\p{Ll}+$/u.test(id) ? id[0].toUpperCase() + id.slice(1) : id;
}

export const customerName = (conversation) => conversation.customerName?.trim() || address(conversation.customer);

/** `whatsapp:+5511987654321` → `+55 11 98765-4321`; other numbers lose only the channel, and what is no number stays as it is. */
export function address(customer) {
  const bare = (customer ?? "").replace(/^[a-z]+:(?=[+\d])/, "");
  const brazilian = /^\+55(\d\d)(\d{4,5})(\d{4})$/.exec(bare);
  return brazilian ? `+55 ${brazilian[1]} ${brazilian[2]}-${brazilian[3]}` : bare;
}

export function initials(name) {
  const words = name.match(/\p{L}[\p{L}\p{M}]*/gu);
  if (!words) return name.replace(/\D/g, "").slice(-2) || "?";
  return (words[0][0] + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

export function hue(text) {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + character.codePointAt(0)) % 997;
  return sum % 6;
}

/** Inside HUMAN_HANDOFF the phase says more than the status. */
export const badge = (conversation) =>
  conversation.status === "HUMAN_HANDOFF" && conversation.phase ? conversation.phase : conversation.status;

export const statusWord = (state) => (known(`status.${state}`) ? t(`status.${state}`) : state);

/** The library's own reasons have words; what people and hosts write stays as it is. */
export const reason = (code) => (known(`reason.${code}`) ? t(`reason.${code}`) : code);

export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  if (hours > 0) return `${hours} h ${two(Math.floor((whole % 3600) / 60))}`;
  return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
}

export const clock = (at) => format(at, { hour: "2-digit", minute: "2-digit" });
export const moment = (at) => format(at, { dateStyle: "medium", timeStyle: "short" });

export function shortMoment(at) {
  const then = new Date(at);
  if (dayOf(then) === dayOf(new Date())) return clock(at);
  return format(at, { day: "2-digit", month: "2-digit" });
}

export function day(at) {
  const key = dayOf(new Date(at));
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  if (key === dayOf(new Date())) return t("thread.today");
  if (key === dayOf(yesterday)) return t("thread.yesterday");
  return format(at, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

export const dayOf = (date) => `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;

function format(at, options) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : new Intl.DateTimeFormat(language(), options).format(date);
}

/** Only http and https may become a link; anything else a customer sends as an address stays text. */
export function safeUrl(text) {
  try {
    const url = new URL(text, location.origin);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}
