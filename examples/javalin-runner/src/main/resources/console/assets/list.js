import { el, reconcile } from "./dom.js";
import { t } from "./language.js";
import { desk } from "./desk.js";
import { tick } from "./running.js";
import { unread } from "./unread.js";
import { hasDraft } from "./drafts.js";
import { ended, waiting } from "./rules.js";
import { agentName, badge, customerName, hue, initials, moment, reason, shortMoment, statusWord } from "./wording.js";

const $ = (id) => document.getElementById(id);
const TABS = ["queue", "mine", "all"];

/** The three lists on the left. */
export class Lists {
  constructor({ onFilter, onMore }) {
    this.shown = "queue";
    this.openId = null;
    for (const name of TABS) $(`tab-${name}`).addEventListener("click", () => this.show(name));
    $("tab-queue").parentElement.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = TABS[(TABS.indexOf(this.shown) + step + TABS.length) % TABS.length];
      this.show(next);
      $(`tab-${next}`).focus();
    });
    let typing;
    $("filter").addEventListener("submit", (event) => event.preventDefault());
    $("filter-search").addEventListener("input", (event) => {
      desk.filter.search = event.target.value;
      clearTimeout(typing);
      typing = setTimeout(onFilter, 250);
    });
    $("filter-status").addEventListener("change", (event) => {
      desk.filter.status = event.target.value;
      onFilter();
    });
    $("items-more").addEventListener("click", onMore);
  }

  show(name) {
    this.shown = name;
    this.render();
  }

  search() {
    this.show("all");
    $("filter-search").focus();
  }

  render() {
    for (const name of TABS) {
      const selected = name === this.shown;
      $(`tab-${name}`).setAttribute("aria-selected", selected);
      $(`tab-${name}`).tabIndex = selected ? 0 : -1;
    }
    $("list-panel").setAttribute("aria-labelledby", `tab-${this.shown}`);
    this.#count("count-queue", desk.queue.length);
    this.#count("count-mine", desk.mine.length, desk.mine.some(unread));
    $("filter").hidden = this.shown !== "all";
    const items = desk[this.shown].map((id) => this.#item(desk.conversations.get(id)));
    reconcile($("items"), items, (item) => item.conversation.id, listItem);
    $("items-empty").hidden = items.length > 0;
    $("items-empty").textContent = t(`lists.${this.shown}.empty`);
    $("items-more").hidden = this.shown !== "all" || !desk.allCursor;
    tick();
  }

  #count(id, count, alert = false) {
    $(id).textContent = count || "";
    $(id).hidden = !count;
    $(id).classList.toggle("has-unread", alert);
  }

  #item(conversation) {
    return {
      conversation,
      open: conversation.id === this.openId,
      unread: unread(conversation.id),
      draft: hasDraft(conversation.id),
      mine: conversation.agentId === desk.me.id,
      since: waiting(conversation) ? (this.#since(conversation) ?? null) : null,
      active: desk.lastActivity.get(conversation.id) ?? conversation.closedAt ?? conversation.createdAt,
    };
  }

  /** Steady between refreshes where it can be: the row must not be rebuilt for nothing. */
  #since(conversation) {
    return conversation.handoffAt ? Date.parse(conversation.handoffAt) : desk.waitingSince.get(conversation.id);
  }

  /** Moves the focus along the rows; from elsewhere it begins at the open one. */
  move(step) {
    const links = [...$("items").querySelectorAll("a")];
    if (links.length === 0) return;
    const focused = links.indexOf(document.activeElement);
    const open = links.findIndex((link) => link.getAttribute("aria-current") === "true");
    const from = focused >= 0 ? focused : open;
    const to = from < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, from + step));
    links[to].focus();
    links[to].scrollIntoView({ block: "nearest" });
  }
}

function listItem({ conversation, open, unread: count, draft, mine, since, active }) {
  const name = customerName(conversation);
  const state = badge(conversation);
  return el(
    "li",
    {},
    el(
      "a",
      {
        class: count ? "item unread" : "item",
        href: `#/c/${encodeURIComponent(conversation.id)}`,
        "aria-current": open ? "true" : null,
        testid: "conversation",
        data: { id: conversation.id, status: conversation.status, phase: conversation.phase },
      },
      el("span", { class: `avatar hue-${hue(conversation.customer)}`, "aria-hidden": "true", text: initials(name) }),
      el(
        "span",
        { class: "item-main" },
        el(
          "span",
          { class: "item-top" },
          el("bdi", { class: "item-name", text: name, testid: "conversation-name" }),
          count ? el("span", { class: "count has-unread", testid: "unread", data: { count } }, el("span", { "aria-hidden": "true", text: count }), el("span", { class: "visually-hidden", text: t("item.unread", { count }) })) : null,
          el("time", { class: "item-time", datetime: active, title: moment(active), text: shortMoment(active) }),
        ),
        conversation.handoffReason && !ended(conversation) ? el("bdi", { class: "item-reason", text: reason(conversation.handoffReason) }) : null,
        el(
          "span",
          { class: "item-bottom" },
          el("span", { class: `badge is-${state.toLowerCase()}`, text: statusWord(state), testid: "status" }),
          conversation.agentId ? el("bdi", { class: "muted", text: mine ? t("item.you") : agentName(conversation.agentId), testid: "holder" }) : null,
          draft ? el("span", { class: "draft", text: t("composer.draft"), testid: "draft-mark" }) : null,
          since ? el("span", { class: "waiting", testid: "waiting-time", data: { since, word: "item.waiting" } }) : null,
          conversation.status === "HUMAN_HANDOFF" && conversation.deadlineAt ? el("span", { class: "deadline", testid: "deadline", data: { until: Date.parse(conversation.deadlineAt), word: "item.deadline" } }) : null,
        ),
      ),
    ),
  );
}
