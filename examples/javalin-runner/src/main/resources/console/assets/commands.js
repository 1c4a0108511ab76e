import { command, get, Problem } from "./api.js";
import { ask } from "./ask.js";
import { t } from "./language.js";
import { desk, learn } from "./desk.js";
import { whatChanged } from "./rules.js";
import { agentName, customerName } from "./wording.js";

/** Refusals behind which control of the conversation may have changed. */
const CONTROL = new Set([403, 409, 422]);

/** Says in plain words why a command was refused, and learns the present state from the refusal. */
export async function explain(problem, before) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 0) return t("error.network");
  if (problem.status === 401) return t("signin.ended");
  if (problem.status >= 500) return t("error.server", { status: problem.status });
  const now = await present(problem, before);
  if (CONTROL.has(problem.status)) {
    const change = whatChanged(before, now, desk.me);
    if (change) return t(change, { agent: agentName(now.agentId) });
    if (/capacity/i.test(`${problem.type} ${problem.message}`)) return t("error.capacity");
  }
  if (problem.status === 403) return t("error.forbidden", { detail: problem.message });
  return t("error.other", { detail: problem.message });
}

async function present(problem, before) {
  if (problem.conversation) return learn(problem.conversation);
  if (problem.status !== 409 && problem.status !== 403) return before;
  try {
    return learn(await get(`/api/conversations/${encodeURIComponent(before.id)}`));
  } catch {
    return before; // the refusal itself can still be told
  }
}

/** The actions behind the buttons. `done(answer)` after success, `refused(sentence, conversation)` after a refusal. */
export class Commands {
  constructor({ done, refused }) {
    this.done = done;
    this.refused = refused;
  }

  start(action, conversation) {
    if (action === "take") return this.#now(conversation, "assign");
    if (action === "takeover") return this.#now(conversation, "takeover");
    return this[action](conversation);
  }

  async #now(conversation, path, body) {
    try {
      this.done(await command(conversation, path, body), conversation);
      return true;
    } catch (problem) {
      this.refused(await explain(problem, conversation), conversation);
      return false;
    }
  }

  /** Runs within a dialog: a refusal is told there, and nothing typed is lost. */
  async #within(conversation, path, body) {
    try {
      this.done(await command(conversation, path, filled(body)), conversation);
      return null;
    } catch (problem) {
      const sentence = await explain(problem, conversation);
      this.refused(null, conversation);
      return sentence;
    }
  }

  handoff(conversation) {
    ask({
      name: "handoff",
      title: t("handoff.title"),
      lead: t("handoff.lead"),
      confirm: t("action.handoff"),
      fields: [
        ...reasonAndSummary(),
        { name: "queue", label: t("queue"), suggestions: [...desk.queues] },
        { name: "priority", label: t("priority"), kind: "number", value: "0" },
      ],
      run: ({ priority, ...values }) => this.#within(conversation, "handoff", { ...values, priority: Number.parseInt(priority, 10) || 0 }),
    });
  }

  assign(conversation) {
    ask({
      name: "assign",
      title: t("assign.title"),
      confirm: t("action.assign").replace("…", ""),
      fields: [{ name: "agentId", label: t("transfer.agent"), required: true, suggestions: [...desk.agents] }],
      run: (values) => this.#within(conversation, "assign", values),
    });
  }

  transfer(conversation) {
    const others = [...desk.agents].filter((id) => id !== conversation.agentId);
    ask({
      name: "transfer",
      title: t("transfer.title"),
      confirm: t("action.transfer"),
      fields: [
        {
          name: "to",
          label: t("transfer.to"),
          kind: "choice",
          options: [
            ["agent", t("transfer.toAgent")],
            ["queue", t("transfer.toQueue")],
          ],
        },
        { name: "agentId", label: t("transfer.agent"), required: true, suggestions: others, when: ["to", "agent"] },
        { name: "queue", label: t("transfer.queue"), required: true, suggestions: [...desk.queues], when: ["to", "queue"] },
        { name: "note", label: t("transfer.note"), kind: "textarea" },
      ],
      run: ({ to, agentId, queue, note }) => this.#within(conversation, "transfer", to === "agent" ? { agentId, note } : { queue, note }),
    });
  }

  release(conversation) {
    ask({
      name: "release",
      title: t("release.title"),
      lead: t("release.lead"),
      confirm: t("action.release"),
      fields: reasonAndSummary(),
      run: (values) => this.#within(conversation, "release", values),
    });
  }

  close(conversation) {
    ask({
      name: "close",
      title: t("close.title"),
      lead: t("close.lead", { customer: customerName(conversation) }),
      confirm: t("action.close"),
      danger: true,
      fields: [{ name: "reason", label: t("reason") }],
      run: (values) => this.#within(conversation, "close", values),
    });
  }
}

const reasonAndSummary = () => [
  { name: "reason", label: t("reason") },
  { name: "summary", label: t("summary"), kind: "textarea" },
];

const filled = (body) => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== "" && value !== undefined));
