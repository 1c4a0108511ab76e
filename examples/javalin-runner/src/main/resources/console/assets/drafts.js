import { kept, keep } from "./session.js";

const KEPT_AS = "handoff.drafts";
const drafts = kept(KEPT_AS, {});

const slot = (id, kind) => `${kind}:${id}`;

/** Unsent text, one for each conversation and kind (reply, note); it outlives errors, switches and reloads. */
export const draft = (id, kind) => drafts[slot(id, kind)] ?? "";

export function keepDraft(id, kind, text) {
  if (text) drafts[slot(id, kind)] = text;
  else delete drafts[slot(id, kind)];
  keep(KEPT_AS, drafts);
}

export const hasDraft = (id) => Boolean(draft(id, "reply") || draft(id, "note"));
