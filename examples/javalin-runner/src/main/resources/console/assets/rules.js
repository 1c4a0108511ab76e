/** What this agent may do with this conversation now. The server decides; this only spares the agent a refusal. */

const ENDED = new Set(["AGENT_CLOSED", "USER_CLOSED", "EXPIRED", "FAILED"]);

export const leads = (me) => me.role === "supervisor" || me.role === "admin";
export const ended = (conversation) => ENDED.has(conversation.status);
export const waiting = (conversation) => conversation.status === "HUMAN_HANDOFF" && conversation.phase === "WAITING_AGENT";
export const assigned = (conversation) => conversation.status === "HUMAN_HANDOFF" && conversation.phase === "ASSIGNED";
export const heldByMe = (conversation, me) => assigned(conversation) && conversation.agentId === me.id;

/** In the order in which they are shown; the first is what one most likely wants. */
export function actions(conversation, me) {
  if (conversation.status === "PROGRESS") return ["takeover", "handoff"];
  if (waiting(conversation)) return leads(me) ? ["take", "assign", "transfer", "release", "close"] : ["take"];
  if (heldByMe(conversation, me)) return ["transfer", "release", "close"];
  if (assigned(conversation) && leads(me)) return ["takeover", "transfer", "release", "close"];
  return [];
}

export const mayAnswer = heldByMe;

/** Who is in control, as a word that has translations under `holder.`. */
export function holder(conversation, me) {
  if (ended(conversation)) return "none";
  if (conversation.status === "PENDING") return "pending";
  if (waiting(conversation)) return "queue";
  if (heldByMe(conversation, me)) return "me";
  if (assigned(conversation)) return "agent";
  return "bot";
}

/** What changed between the screen and the present, as a key of words; null when control did not change. */
export function whatChanged(before, now, me) {
  const same = before.epoch === now.epoch && before.status === now.status && before.agentId === now.agentId;
  if (same) return null;
  if (ended(now)) return "changed.ended";
  if (heldByMe(now, me)) return before.agentId === me.id ? "changed.screen" : "changed.you";
  if (assigned(now)) return now.agentId === before.agentId ? "changed.screen" : "changed.agent";
  if (waiting(now)) return "changed.queue";
  return "changed.bot";
}
