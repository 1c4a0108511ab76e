import { kept, keep } from "./session.js";

const KEPT_AS = "handoff.unread";
const counts = kept(KEPT_AS, {});

/** Customer messages that arrived in a conversation since this agent last had it on the screen. */
export const unread = (id) => counts[id] ?? 0;

export function countUnread(id) {
  counts[id] = unread(id) + 1;
  keep(KEPT_AS, counts);
}

export function markRead(id) {
  if (!counts[id]) return false;
  delete counts[id];
  keep(KEPT_AS, counts);
  return true;
}
