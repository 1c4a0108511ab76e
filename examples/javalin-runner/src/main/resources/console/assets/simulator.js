import { call, get, onSignedOut, serverNow } from "./api.js";
import { el, reconcile } from "./dom.js";
import { bindLanguageSwitch, onLanguage, t, translate } from "./language.js";
import { keep, keepToken, kept, takeTokenFromAddress } from "./session.js";
import { address, agentName, clock, initials, safeUrl } from "./wording.js";

const $ = (id) => document.getElementById(id);
const POLL_MS = 1_000;
const KEPT_AS = "handoff.simulated";

takeTokenFromAddress();
translate();
bindLanguageSwitch($("language"));

const known = kept(KEPT_AS, []); // the customers played in this tab, the present one first
let present = known[0] ?? invent();
let messages = [];
let echoes = []; // said here, not yet seen on the server
let state = "online";
let sending = false;

function invent() {
  const digits = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte % 10).join("");
  return { from: `whatsapp:+55119${digits}`, name: "" };
}

function become(customer) {
  present = customer;
  messages = [];
  echoes = [];
  const others = known.filter((other) => other.from !== customer.from);
  known.splice(0, known.length, customer, ...others);
  keep(KEPT_AS, known.slice(0, 20));
  $("sim-from").value = customer.from;
  $("sim-name").value = customer.name;
  $("sim-known").replaceChildren(...known.map(({ from, name }) => el("option", { value: from, label: name || from })));
  $("chat").replaceChildren();
  render();
  look();
}

// ---- the server

onSignedOut(() => {
  state = "signedOut";
  render();
});

async function look() {
  if (document.visibilityState === "hidden") return;
  const { from } = present;
  try {
    const { items } = await get("/simulator/messages", { from });
    if (from !== present.from) return;
    messages = items;
    forgetSeenEchoes();
    state = "online";
  } catch (problem) {
    if (problem.status === 404) state = "twilio";
    else if (problem.status !== 401) state = "unreachable";
  }
  render();
}

/** What the server shows replaces what was shown at once. */
function forgetSeenEchoes() {
  const seen = new Set(messages.map(({ id }) => id));
  echoes = echoes.filter(({ id }) => !seen.has(id));
}

async function say(text) {
  if (!text.trim() || sending) return;
  sending = true;
  const { from, name } = present;
  try {
    const { messageId } = await call("POST", "/simulator/messages", { from, text, ...(name ? { profileName: name } : {}) });
    if (from === present.from) {
      echoes.push({ id: messageId, direction: "INBOUND", owner: "CUSTOMER", text, createdAt: new Date(serverNow()).toISOString() });
      forgetSeenEchoes();
    }
    if ($("say-text").value === text) $("say-text").value = "";
    trouble(null);
    toBottom = true;
    look();
  } catch (problem) {
    if (problem.status === 404) state = "twilio";
    trouble(problem.status >= 400 && problem.status < 500 ? problem.message : t("sim.failed"));
    $("say-text").value ||= text;
    render();
  } finally {
    sending = false;
  }
}

function trouble(sentence) {
  $("chat-problem").hidden = !sentence;
  $("chat-problem").textContent = sentence ?? "";
}

// ---- the screen

let toBottom = true;

function render() {
  $("identity").hidden = state === "signedOut" || state === "twilio";
  $("sim-signin").hidden = state !== "signedOut";
  $("phone-who").textContent = present.name || address(present.from);
  $("phone-avatar").textContent = initials(present.name || address(present.from));
  const playable = state === "online" || state === "unreachable";
  $("say").hidden = $("tries").hidden = !playable;
  const word = { online: "sim.online", unreachable: "sim.unreachable" }[state];
  write($("phone-state"), word ? t(word) : "");
  const rows = [...messages.filter(visible), ...echoes];
  if (echoes.length) rows.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  const before = $("chat").children.length;
  reconcile($("chat"), rows, (message) => message.id, bubble);
  $("chat-empty").hidden = playable && rows.length > 0;
  write($("chat-empty"), state === "twilio" ? t("sim.twilio") : state === "signedOut" ? t("signin.lead") : t("sim.empty"));
  document.title = t("sim.title");
  if (toBottom || $("chat").children.length > before) $("chat-scroll").scrollTop = $("chat-scroll").scrollHeight;
  toBottom = false;
}

const visible = (message) => message.direction !== "INTERNAL" && message.delivery !== "SUPPRESSED";

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function bubble(message) {
  const mine = message.direction === "INBOUND";
  const who = message.owner === "AGENT" ? agentName(message.agentId) || t("owner.AGENT") : message.owner ? t(`owner.${message.owner}`) : "";
  return el(
    "li",
    { class: mine ? "sent" : "received", testid: "sim-message", data: { id: message.id, direction: message.direction, owner: message.owner } },
    el(
      "article",
      {},
      mine ? null : el("bdi", { class: "who", text: who }),
      message.text ? el("p", { class: "text", dir: "auto", text: message.text }) : null,
      (message.media ?? []).map(({ url, contentType }) => {
        const link = safeUrl(url);
        return link
          ? el("a", { href: link.href, target: "_blank", rel: "noopener noreferrer", text: contentType || t("message.media") })
          : el("span", { text: t("message.badLink") });
      }),
      el("footer", {}, el("time", { datetime: message.createdAt, text: clock(message.createdAt) })),
    ),
  );
}

$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  say($("say-text").value);
});
$("say-text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  say($("say-text").value);
});
for (const suggestion of $("tries").children) suggestion.addEventListener("click", () => say(suggestion.textContent));
$("identity").addEventListener("submit", (event) => event.preventDefault());
$("sim-from").addEventListener("change", () => {
  const from = $("sim-from").value.trim() || present.from;
  become(known.find((customer) => customer.from === from) ?? { from, name: "" });
});
$("sim-name").addEventListener("change", () => {
  become({ ...present, name: $("sim-name").value.trim() });
});
$("sim-another").addEventListener("click", () => {
  become(invent());
  $("say-text").focus();
});
$("sim-signin").addEventListener("submit", (event) => {
  event.preventDefault();
  const value = $("sim-token").value.trim();
  if (!value) return;
  keepToken(value);
  $("sim-token").value = "";
  look().then(() => {
    $("sim-signin-problem").hidden = state !== "signedOut";
    $("sim-signin-problem").textContent = t("signin.refused");
  });
});
window.addEventListener("hashchange", () => takeTokenFromAddress() && look());
onLanguage(() => {
  $("chat").replaceChildren();
  render();
});

become(present);
setInterval(() => state !== "twilio" && state !== "signedOut" && look(), POLL_MS);
