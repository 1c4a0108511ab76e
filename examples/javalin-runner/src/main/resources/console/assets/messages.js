import { el, icon } from "./dom.js";
import { t, known } from "./language.js";
import { agentName, clock, moment, safeUrl } from "./wording.js";

/** How one message looks. Everything in it may come from a stranger, so everything goes in as text. */
export function messageItem({ message, mine, inFlight, retryable, customer }, { onRetry }) {
  const note = message.direction === "INTERNAL" && message.owner !== "SYSTEM";
  const kind = note ? "note" : message.owner.toLowerCase();
  const suppressed = message.delivery === "SUPPRESSED";
  const classes = ["message", `from-${kind}`, suppressed && "suppressed", message.delivery === "FAILED" && "failed"];
  return el(
    "li",
    { class: classes.filter(Boolean).join(" "), testid: "message", data: { id: message.id, owner: message.owner, direction: message.direction, delivery: message.delivery } },
    el(
      "article",
      { class: "bubble" },
      el(
        "header",
        {},
        note ? icon("note") : message.owner === "BOT" ? icon("bot") : null,
        el("bdi", { class: "who", testid: "message-who", text: who(message, note, mine, customer) }),
        note ? el("span", { class: "muted", text: `${t("owner.note")} · ${t("owner.noteHint")}` }) : null,
        truthy(message.fields?.Forwarded) ? el("span", { class: "muted", text: t("message.forwarded") }) : null,
      ),
      body(message),
      (message.media ?? []).map(media),
      place(message.fields),
      button(message.fields),
      el(
        "footer",
        {},
        el("time", { datetime: message.createdAt, title: moment(message.createdAt), text: clock(message.createdAt) }),
        message.direction === "OUTBOUND" ? delivery(message) : null,
      ),
      message.error ? el("p", { class: "problem", testid: "message-error", text: message.error }) : null,
      inFlight ? el("p", { class: "aside", testid: "in-flight" }, icon("clock"), el("span", { text: t("message.inFlight") })) : null,
      retryable ? el("button", { class: "button small", type: "button", testid: "message-retry", text: t("dead.retry"), on: { click: () => onRetry(message) } }) : null,
      allFields(message.fields),
    ),
  );
}

const truthy = (value) => value === true || value === "true";

function who(message, note, mine, customer) {
  if (mine) return t("owner.you");
  if (message.owner === "AGENT" || note) return agentName(message.agentId) || t("owner.AGENT");
  if (message.owner === "CUSTOMER") return customer;
  return t(`owner.${message.owner}`);
}

function body(message) {
  const special = message.media?.length || message.fields?.Latitude || message.fields?.ButtonText;
  if (!message.text) return special ? null : el("p", { class: "text muted", text: t("message.noText") });
  const Tag = message.delivery === "SUPPRESSED" ? "s" : "span";
  return el("p", { class: "text", dir: "auto" }, el(Tag, { testid: "message-text", text: message.text }));
}

const TICKS = {
  QUEUED: "clock",
  DISPATCHING: "clock",
  SENT: "check",
  DELIVERED: "checks",
  READ: "checks",
  FAILED: "alert",
  UNKNOWN: "question",
  SUPPRESSED: "stop",
};

function delivery({ delivery: state }) {
  if (!state) return null;
  const word = known(`delivery.${state}`) ? t(`delivery.${state}`) : state;
  return el(
    "span",
    { class: `delivery is-${state.toLowerCase()}`, testid: "delivery", data: { delivery: state } },
    TICKS[state] ? icon(TICKS[state]) : null,
    el("span", { text: word }),
  );
}

const KINDS = { image: "image", audio: "audio", video: "video" };

function media({ url, contentType }) {
  const kind = KINDS[(contentType ?? "").split("/")[0]] ?? "document";
  const link = safeUrl(url);
  const label = t(`message.${kind}`);
  if (!link) {
    return el("p", { class: "attachment", testid: "media" }, icon("stop"), el("span", {}, el("b", { text: t("message.badLink") }), el("small", { text: url ?? "" })));
  }
  const leaf = link.pathname.split("/").filter(Boolean).at(-1) ?? "";
  const card = el(
    "a",
    { class: "attachment", href: link.href, target: "_blank", rel: "noopener noreferrer", testid: "media" },
    icon(kind),
    el("span", {}, el("b", { text: `${label}${contentType ? ` · ${contentType}` : ""}` }), el("small", { text: `${link.host}/…/${leaf}`.replace("/…//", "/") })),
  );
  // Only what this server itself serves is shown in place: loading a stranger's address would tell him who reads it.
  if (kind === "image" && link.origin === location.origin) {
    card.prepend(el("img", { src: link.href, alt: label, loading: "lazy" }));
    card.classList.add("with-picture");
  }
  return card;
}

function place(fields) {
  const latitude = coordinate(fields?.Latitude, 90);
  const longitude = coordinate(fields?.Longitude, 180);
  if (latitude === null || longitude === null) return null;
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  const words = [fields.Label, fields.Address].filter(Boolean).join(", ") || `${latitude}, ${longitude}`;
  return el(
    "a",
    { class: "attachment", href: map, target: "_blank", rel: "noopener noreferrer", testid: "location" },
    icon("pin"),
    el("span", {}, el("b", { text: words, dir: "auto" }), el("small", { text: `${t("message.location")} · ${t("message.map")}` })),
  );
}

function coordinate(value, limit) {
  const number = Number.parseFloat(value);
  return Number.isFinite(number) && Math.abs(number) <= limit ? number : null;
}

function button(fields) {
  const text = fields?.ButtonText;
  if (!text) return null;
  const payload = fields.ButtonPayload;
  return el(
    "p",
    { class: "attachment", testid: "button-choice" },
    icon("tap"),
    el("span", {}, el("b", { text, dir: "auto" }), el("small", { text: `${t("message.button")}${payload ? ` · ${payload}` : ""}` })),
  );
}

function allFields(fields) {
  const entries = Object.entries(fields ?? {});
  if (entries.length === 0) return null;
  return el(
    "details",
    { class: "fields", testid: "all-fields" },
    el("summary", { text: `${t("message.fields")} (${entries.length})` }),
    el(
      "dl",
      {},
      entries.map(([name, value]) => [
        el("dt", { text: name }),
        el("dd", { text: typeof value === "string" ? value : JSON.stringify(value), dir: "auto" }),
      ]),
    ),
  );
}
