import { el } from "./dom.js";
import { call, get } from "./api.js";
import { t } from "./language.js";
import { desk, learn, refreshDead } from "./desk.js";
import { customerName, moment } from "./wording.js";

/** Messages whose sending was given up, with a way to try each again, or to be done with it. */
export async function showDead() {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const list = el("ul", { class: "dead", testid: "dead-list" });
  const empty = el("p", { class: "muted", text: t("lists.loading") });
  const dialog = el(
    "dialog",
    { class: "sheet wide", "aria-labelledby": "dead-title", testid: "dialog-dead" },
    el("h2", { id: "dead-title", text: t("dead.title") }),
    el("p", { class: "muted", text: t("dead.lead") }),
    problem,
    empty,
    list,
    el("div", { class: "dialog-buttons" }, el("button", { class: "button", type: "button", text: t("close"), testid: "dead-close", on: { click: () => dialog.close() } })),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    await refreshDead();
    await Promise.all(unknownConversations().map(async (id) => learn(await get(`/api/conversations/${encodeURIComponent(id)}`))));
  } catch (failure) {
    say(failure);
  }
  empty.textContent = t("dead.empty");
  empty.hidden = desk.dead.length > 0;
  list.replaceChildren(...desk.dead.map(row));

  function row(message) {
    const conversation = desk.conversations.get(message.conversationId);
    const retry = el("button", { class: "button small primary", type: "button", text: t("dead.retry"), testid: "dead-retry", on: { click: again } });
    const drop = el("button", { class: "button small", type: "button", text: t("dead.drop"), testid: "dead-drop", on: { click: dropped } });
    return el(
      "li",
      { testid: "dead-message", data: { id: message.id } },
      el("div", { class: "dead-head" }, el("bdi", { class: "who", text: conversation ? customerName(conversation) : message.conversationId }), el("time", { class: "muted", datetime: message.createdAt, text: moment(message.createdAt) })),
      el("p", { class: "text", dir: "auto", text: message.text || t("message.media") }),
      message.error ? el("p", { class: "problem", text: message.error }) : null,
      el(
        "div",
        { class: "dead-buttons" },
        retry,
        drop,
        el("a", { class: "button small", href: `#/c/${encodeURIComponent(message.conversationId)}`, text: t("dead.show"), on: { click: () => dialog.close() } }),
      ),
    );

    async function again() {
      await decide("retry", retry, t("dead.queued"));
    }

    async function dropped() {
      await decide("drop", drop, t("dead.dropped"));
    }

    async function decide(what, button, done) {
      retry.disabled = true;
      drop.disabled = true;
      try {
        await call("POST", `/api/outbound/${encodeURIComponent(message.id)}/${what}`, {});
        button.textContent = done;
        await refreshDead();
      } catch (failure) {
        retry.disabled = false;
        drop.disabled = false;
        say(failure);
      }
    }
  }

  function say(failure) {
    problem.hidden = false;
    problem.textContent = failure.status ? t("error.other", { detail: failure.message }) : t("error.network");
  }
}

const unknownConversations = () => [...new Set(desk.dead.map((message) => message.conversationId))].filter((id) => !desk.conversations.has(id));
