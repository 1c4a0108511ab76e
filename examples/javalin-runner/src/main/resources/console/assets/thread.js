import { el, reconcile } from "./dom.js";
import { get, call, Problem } from "./api.js";
import { t } from "./language.js";
import { desk, learn, throttled, refreshDead } from "./desk.js";
import { kept, keep } from "./session.js";
import { tick } from "./running.js";
import { markRead } from "./unread.js";
import { messageItem } from "./messages.js";
import { Composer } from "./composer.js";
import { Commands, explain } from "./commands.js";
import { actions, ended, holder } from "./rules.js";
import { agentName, address, badge, clock, customerName, day, dayOf, hue, initials, moment, reason, statusWord } from "./wording.js";

const $ = (id) => document.getElementById(id);
const PAGE = 1000;
const IN_FLIGHT = "handoff.inFlight";
const UNSETTLED = new Set(["QUEUED", "DISPATCHING", "UNKNOWN"]);
const RETRY_MS = 3_000;
const NEAR_BOTTOM_PX = 80;
const PRIMARY = new Set(["take", "takeover"]);

/** The open conversation: its history, its state and what can be done with it. */
export class Thread {
  constructor({ changed, announce }) {
    this.id = null;
    this.messages = new Map(); // by seq
    this.hinted = new Set(); // ids of messages whose delivery changed
    this.inFlight = new Set(kept(IN_FLIGHT, []));
    this.notices = new Map();
    this.changed = changed;
    this.announce = announce;
    this.refreshSoon = throttled(() => this.#refresh(), 150, (problem) => this.#again(problem));
    this.commands = new Commands({
      done: (answer, conversation) => this.#done(answer, conversation),
      refused: (sentence, conversation) => this.#refused(sentence, conversation),
    });
    this.composer = new Composer({
      sent: (answer, conversation) => this.#sent(answer, conversation),
      refused: (sentence, conversation) => this.#refused(sentence, conversation),
    });
    $("notice-close").addEventListener("click", () => this.#notice(this.id, null));
    $("log-scroll").addEventListener("scroll", () => this.#nearBottom() && ($("below").hidden = true), { passive: true });
    $("below").addEventListener("click", () => this.#toBottom());
    // A window that shrinks, or a keyboard that comes up, must not hide what was read last.
    let stuck = true;
    $("log-scroll").addEventListener("scroll", () => (stuck = this.#nearBottom()), { passive: true });
    new ResizeObserver(() => stuck && this.#toBottom()).observe($("log-scroll"));
    $("details-toggle").addEventListener("click", () => {
      const shown = $("details").classList.toggle("is-shown");
      $("details-toggle").setAttribute("aria-expanded", shown);
    });
  }

  get conversation() {
    return desk.conversations.get(this.id);
  }

  async open(id) {
    if (id === this.id) return;
    this.id = id;
    this.messages.clear();
    this.hinted.clear();
    this.loaded = false;
    this.outdated = false;
    this.missing = false;
    this.failed = null;
    $("log").replaceChildren();
    $("details").classList.remove("is-shown");
    $("details-toggle").setAttribute("aria-expanded", false);
    this.render();
    if (!id) return;
    this.read();
    await this.#load(id);
  }

  async #load(id) {
    try {
      const [conversation] = await Promise.all([get(this.#path()), this.#fetchMessages(id, 0)]);
      learn(conversation);
    } catch (problem) {
      if (this.id !== id) return;
      this.missing = problem.status === 404;
      this.#again(problem);
      this.failed = this.missing ? t("thread.unknown") : await explain(problem, this.conversation ?? { id });
    }
    if (this.id !== id) return;
    this.loaded = true;
    this.render();
    this.#toBottom();
    this.changed();
    if (this.outdated) this.refreshSoon();
  }

  /** What could not be read now is read a moment later. */
  #again(problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 0 || problem.status >= 500) setTimeout(() => this.refreshSoon(), RETRY_MS);
  }

  #path(rest = "") {
    return `/api/conversations/${encodeURIComponent(this.id)}${rest}`;
  }

  async #fetchMessages(id, after) {
    for (let from = after; ; ) {
      const { items, nextAfter } = await get(`/api/conversations/${encodeURIComponent(id)}/messages`, { after: from, limit: PAGE });
      if (this.id !== id) return;
      for (const message of items) this.messages.set(message.seq, message);
      if (items.length < PAGE && nextAfter === undefined) return;
      from = items.at(-1).seq;
    }
  }

  /** Something happened in this conversation; a delivery event names the message that must be read again. */
  hint(messageId) {
    if (messageId) this.hinted.add(messageId);
    this.refreshSoon();
  }

  async #refresh() {
    const id = this.id;
    this.outdated = true;
    if (!id || (!this.loaded && !this.missing)) return; // what is being loaded may not have it yet: once more then
    this.outdated = false;
    if (this.failed) {
      this.failed = null;
      return this.#load(id);
    }
    const hinted = new Set(this.hinted);
    const before = Math.max(0, ...this.messages.keys());
    let from = before;
    for (const message of this.messages.values()) {
      if (hinted.has(message.id) || UNSETTLED.has(message.delivery)) from = Math.min(from, message.seq - 1);
    }
    const [conversation] = await Promise.all([get(this.#path()), this.#fetchMessages(id, from)]);
    if (this.id !== id) return;
    for (const messageId of hinted) this.hinted.delete(messageId);
    learn(conversation);
    this.render();
    for (const message of this.messages.values()) {
      if (message.seq > before && message.owner === "CUSTOMER") {
        this.announce(t("live.message", { who: customerName(this.conversation), text: message.text ?? "" }));
      }
    }
    this.changed();
  }

  read() {
    if (this.id && document.visibilityState === "visible" && markRead(this.id)) this.changed();
  }

  // ---- what the server answered

  #done(answer, conversation) {
    learn(answer.conversation);
    const inFlight = answer.inFlight ?? [];
    inFlight.forEach((id) => this.inFlight.add(id));
    if (inFlight.length) keep(IN_FLIGHT, [...this.inFlight].slice(-500));
    this.#notice(conversation.id, inFlight.length ? { kind: "info", text: t(inFlight.length === 1 ? "taken.inFlight.one" : "taken.inFlight", { count: inFlight.length }) } : null);
    if (holder(answer.conversation, desk.me) === "me" && holder(conversation, desk.me) !== "me") {
      this.announce(t("live.taken", { who: customerName(answer.conversation) }));
      if (this.id === conversation.id) this.composer.write("reply");
    }
    this.render();
    this.refreshSoon();
    this.changed();
  }

  #sent(answer, conversation) {
    const message = answer.message ?? answer;
    if (this.id === conversation.id && message.seq) this.messages.set(message.seq, message);
    this.#notice(conversation.id, null);
    this.render();
    this.#toBottom();
    this.refreshSoon();
    this.changed();
  }

  #refused(sentence, conversation) {
    if (sentence) this.#notice(conversation.id, { kind: "problem", text: sentence });
    this.render();
    this.refreshSoon();
    this.changed();
  }

  #notice(id, notice) {
    if (notice) this.notices.set(id, notice);
    else this.notices.delete(id);
    this.#renderNotice();
  }

  act(action) {
    const possible = this.conversation ? actions(this.conversation, desk.me) : [];
    const chosen = action ?? possible.find((name) => PRIMARY.has(name));
    if (chosen && possible.includes(chosen)) return this.#run(chosen);
  }

  async #run(action) {
    if (this.acting) return;
    this.acting = true;
    try {
      await this.commands.start(action, this.conversation);
    } finally {
      this.acting = false;
    }
  }

  // ---- the screen

  render() {
    const conversation = this.conversation;
    const ready = Boolean(this.id && conversation);
    $("thread-open").hidden = !ready;
    $("thread-empty").hidden = ready;
    $("details").hidden = !ready;
    $("thread-empty-title").textContent = this.failed ?? t(this.id ? "thread.loading" : "thread.empty");
    $("thread-empty-lead").textContent = this.id ? "" : t("thread.emptyLead");
    if (!ready) return;
    this.#renderHead(conversation);
    this.#renderNotice();
    this.#renderLog(conversation);
    this.#renderDetails(conversation);
    this.composer.show(conversation);
    tick();
  }

  #renderHead(conversation) {
    const name = customerName(conversation);
    const state = badge(conversation);
    $("thread-name").textContent = name;
    $("thread-avatar").textContent = initials(name);
    $("thread-avatar").className = `avatar hue-${hue(conversation.customer)}`;
    $("thread-badge").textContent = statusWord(state);
    $("thread-badge").className = `badge is-${state.toLowerCase()}`;
    $("thread-badge").dataset.status = conversation.status;
    $("thread-badge").dataset.phase = conversation.phase ?? "";
    $("thread-holder").dataset.holder = holder(conversation, desk.me);
    $("thread-holder").textContent = t(`holder.${holder(conversation, desk.me)}`, { agent: agentName(conversation.agentId) });
    const due = conversation.status === "HUMAN_HANDOFF" ? conversation.deadlineAt : null;
    $("thread-deadline").hidden = !due;
    if (due) Object.assign($("thread-deadline").dataset, { until: Date.parse(due), word: "item.deadline" });
    else delete $("thread-deadline").dataset.until;
    const possible = actions(conversation, desk.me).map((action) => ({ action, word: t(`action.${action}`) }));
    reconcile(
      $("thread-actions"),
      possible,
      ({ action }) => action,
      ({ action, word }) =>
        el("button", {
          class: PRIMARY.has(action) ? "button primary" : action === "close" ? "button danger-quiet" : "button",
          type: "button",
          text: word,
          testid: `action-${action}`,
          on: { click: () => this.#run(action) },
        }),
    );
  }

  #renderNotice() {
    const notice = this.notices.get(this.id);
    $("notice").hidden = !notice;
    $("notice").classList.toggle("is-problem", notice?.kind === "problem");
    $("notice-text").textContent = notice?.text ?? "";
  }

  #renderLog(conversation) {
    const stick = this.#nearBottom();
    const before = $("log").querySelectorAll("[data-owner]").length;
    const dead = new Set(desk.dead.map((message) => message.id));
    const customer = customerName(conversation);
    const rows = [];
    const course = this.loaded ? [...(desk.activity.get(conversation.id) ?? [])] : [];
    let lastDay = null;
    const dated = (at, row) => {
      const key = dayOf(new Date(at));
      if (key !== lastDay) rows.push({ key: `day-${key}`, day: day(at) });
      lastDay = key;
      rows.push(row);
    };
    const courseUntil = (at, direction) => {
      while (course.length && comesFirst(course[0], at, direction)) {
        const event = course.shift();
        dated(event.at, { key: `event-${event.cursor}`, event });
      }
    };
    for (const message of [...this.messages.values()].sort((a, b) => a.seq - b.seq)) {
      courseUntil(Date.parse(message.createdAt), message.direction);
      dated(message.createdAt, {
        key: `message-${message.seq}`,
        message,
        mine: message.owner === "AGENT" && message.agentId === desk.me.id,
        inFlight: this.inFlight.has(message.id),
        retryable: dead.has(message.id),
        customer,
      });
    }
    courseUntil(Infinity);
    reconcile($("log"), rows, (row) => row.key, (row) => this.#row(row));
    $("log-empty").hidden = rows.length > 0;
    $("log-empty").textContent = t(this.loaded ? "thread.none" : "thread.loading");
    this.#chain(conversation);
    const grown = $("log").querySelectorAll("[data-owner]").length > before;
    if (stick) this.#toBottom();
    else if (grown && before > 0) $("below").hidden = false;
  }

  #row(row) {
    if (row.day) return el("li", { class: "day", testid: "day" }, el("span", { text: row.day }));
    if (row.event) return courseLine(row.event);
    return messageItem(row, { onRetry: (message) => this.#retry(message) });
  }

  async #retry(message) {
    try {
      await call("POST", `/api/outbound/${encodeURIComponent(message.id)}/retry`, {});
      await refreshDead();
      this.hint(message.id);
    } catch (problem) {
      this.#refused(await explain(problem, this.conversation), this.conversation);
    }
  }

  #chain(conversation) {
    const previous = conversation.previousConversationId;
    const next = [...desk.conversations.values()].find((other) => other.previousConversationId === conversation.id)?.id;
    for (const [id, target] of [["thread-previous", previous], ["thread-next", next]]) {
      $(id).hidden = !target;
      if (target) $(id).firstElementChild.href = `#/c/${encodeURIComponent(target)}`;
    }
  }

  #renderDetails(conversation) {
    const rows = [
      ["address", address(conversation.customer)],
      ["channel", conversation.channel],
      ["inbox", address(conversation.inbox)],
      ["agent", conversation.agentId ? agentName(conversation.agentId) : null],
      ["reason", reason(conversation.handoffReason)],
      ["summary", conversation.summary],
      ["queue", conversation.queue],
      ["priority", conversation.priority || null],
      ["handoffAt", conversation.handoffAt && moment(conversation.handoffAt)],
      ["deadline", !ended(conversation) && conversation.deadlineAt ? moment(conversation.deadlineAt) : null],
      ["since", moment(conversation.createdAt)],
      ["closedAt", conversation.closedAt && moment(conversation.closedAt)],
      ["id", conversation.id],
    ].filter(([, value]) => value !== null && value !== undefined && value !== "");
    reconcile(
      $("details-list"),
      rows.map(([name, value]) => ({ name, value, word: t(`details.${name}`) })),
      ({ name }) => name,
      ({ name, value, word }) => el("div", {}, el("dt", { text: word }), el("dd", { text: value, dir: "auto", testid: `details-${name}` })),
    );
  }

  /** After a change of language every row must be built again. */
  rebuild() {
    for (const id of ["log", "details-list", "thread-actions"]) $(id).replaceChildren();
    this.render();
  }

  #nearBottom() {
    const box = $("log-scroll");
    return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_BOTTOM_PX;
  }

  #toBottom() {
    $("log-scroll").scrollTop = $("log-scroll").scrollHeight;
    $("below").hidden = true;
  }
}

/** One commit has one time: the customer's message is what called for the person, the notice tells of it. */
function comesFirst(event, at, direction) {
  const then = Date.parse(event.at);
  return then < at || (then === at && (event.type === "conversation_opened" || direction !== "INBOUND"));
}

function courseLine(event) {
  const actor = name(event.actor);
  const to = name(event.data?.to?.agentId ?? event.data?.to);
  const words = [t(`event.${event.type}`), to && to !== actor && event.type === "conversation_transferred" ? `→ ${to}` : null, actor, clock(event.at)];
  return el("li", { class: "course", testid: "course", data: { type: event.type } }, el("span", { text: words.filter(Boolean).join(" · ").replace(" · →", " →") }));
}

/** Actors and holders come as `kind:id` or as a bare id. */
function name(party) {
  if (typeof party !== "string") return "";
  const [kind, id] = party.includes(":") && !/^[a-z]+:\+/.test(party) ? party.split(/:(.*)/s) : [null, party];
  if (kind === "agent" || kind === null) {
    if (/^bot$/i.test(id)) return t("owner.BOT");
    if (/^(system|sweeper|clock)$/i.test(id)) return "";
    if (/^customer$/i.test(id)) return t("owner.CUSTOMER");
    return /^[a-z]+:\+/.test(id) ? "" : agentName(id);
  }
  return id;
}
