import { onSignedOut, Problem } from "./api.js";
import { bindLanguageSwitch, onLanguage, t, translate } from "./language.js";
import { desk, onDesk, refreshDead, refreshLists, refreshMe, loadMore, remember, setAvailability, throttled } from "./desk.js";
import { dropToken, keep, keepToken, kept, takeTokenFromAddress, token } from "./session.js";
import { countUnread, unread } from "./unread.js";
import { endOfFeed, Feed } from "./feed.js";
import { Lists } from "./list.js";
import { Thread } from "./thread.js";
import { showDead } from "./dead.js";
import { bindShortcuts, showShortcuts } from "./shortcuts.js";
import { customerName } from "./wording.js";

const $ = (id) => document.getElementById(id);

takeTokenFromAddress();
translate();
bindLanguageSwitch($("language"));

const FAREWELL = "handoff.farewell"; // what the next sign-in page is to say
let leaving = false;
let feed = null;
let nextTry;
let connection = "connecting";
const announce = (text) => ($("announcer").textContent = text);
const lists = new Lists({ onFilter: () => listsSoon(), onMore: () => loadMore().catch(offline) });
const thread = new Thread({ changed: () => renderLists(), announce });

const listsSoon = throttled(refreshLists, 800, offline);
const meSoon = throttled(refreshMe, 1_500, offline);
const deadSoon = throttled(refreshDead, 5_000, offline);

// ---- signing in and out

onSignedOut(() => signOut("signin.ended"));
$("signout").addEventListener("click", () => signOut());
$("signin-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const value = $("signin-token").value.trim();
  if (!value) return $("signin-token").focus();
  keepToken(value);
  clearTimeout(nextTry);
  signIn();
});

function showSignIn(word) {
  $("desk").hidden = true;
  $("signin").hidden = false;
  $("signin-problem").hidden = !word;
  $("signin-problem").textContent = word ? t(word) : "";
  document.title = t("signin.title");
  $("signin-token").focus();
}

/** Whoever was signed in leaves nothing behind: no answer that is still on its way, no timer, no conversation. */
function signOut(word) {
  if (leaving) return;
  dropToken();
  if (!desk.me) return showSignIn("signin.refused");
  leaving = true;
  keep(FAREWELL, word ?? null);
  location.reload();
}

async function signIn() {
  if (!token()) return showSignIn(kept(FAREWELL, null));
  keep(FAREWELL, null);
  try {
    await refreshMe();
    const { cursor, items } = await endOfFeed(); // before the lists: what happens in between is then told by the feed
    items.forEach(remember);
    await refreshLists();
    start(cursor);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.status === 401) return; // onSignedOut has told it
    showSignIn("signin.unreachable");
    clearTimeout(nextTry);
    nextTry = setTimeout(() => !feed && signIn(), 3_000);
  }
}

function start(cursor) {
  $("signin").hidden = true;
  $("signin-token").value = "";
  $("desk").hidden = false;
  if (desk.queue.length === 0) lists.show(desk.mine.length ? "mine" : "all");
  route();
  feed = new Feed({ cursor, onEvent: hear, onState: showConnection });
  feed.start();
  deadSoon();
}

// ---- what happens elsewhere

function hear(event) {
  remember(event);
  const id = event.conversationId;
  if (event.type === "new_message" && event.data?.owner === "CUSTOMER") heard(id);
  if (event.type === "handoff_requested") announceWaiting(id);
  if (event.type === "delivery_updated") deadSoon();
  else listsSoon();
  if (event.type === "agent_availability" || MOVES_LOAD.has(event.type)) meSoon();
  if (id && id === thread.id) thread.hint(event.data?.messageId);
}

const MOVES_LOAD = new Set([
  "agent_assigned",
  "agent_took_over",
  "conversation_transferred",
  "released_to_bot",
  "conversation_closed",
  "requeued",
  "escalated",
]);

function heard(id) {
  if (id === thread.id && document.visibilityState === "visible") return;
  countUnread(id);
  const conversation = desk.conversations.get(id);
  if (conversation?.agentId === desk.me.id) announce(t("live.message", { who: customerName(conversation), text: "" }));
  renderLists();
}

function announceWaiting(id) {
  const conversation = desk.conversations.get(id);
  if (conversation) announce(t("live.waiting", { who: customerName(conversation) }));
}

document.addEventListener("visibilitychange", () => thread.read());

function offline(problem) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 0 && feed && !feed.live) showConnection("offline");
  if (feed && (problem.status === 0 || problem.status >= 500)) setTimeout(listsSoon, 3_000);
}

function showConnection(state) {
  connection = state;
  const word = t(`feed.${state}`);
  $("connection").dataset.state = state;
  if ($("connection-word").textContent !== word) $("connection-word").textContent = word; // said once, not at each poll
}

// ---- the screen

onDesk(() => {
  if (!desk.me) return;
  renderMe();
  renderLists();
  thread.render();
});

function renderMe() {
  const { id, role, availability, capacity, load } = desk.me;
  $("me-name").textContent = id;
  const held = capacity === null || capacity === undefined ? t("me.loadUnlimited", { load: load ?? 0 }) : t("me.load", { load: load ?? 0, capacity });
  $("me-load").textContent = `${t(`role.${role}`)} · ${held}`;
  $("me-load").classList.toggle("is-full", capacity !== null && load >= capacity);
  if (availability) $("availability").value = availability;
  $("availability").dataset.state = $("availability").value;
  $("dead-count").textContent = desk.dead.length;
  $("dead-count").hidden = desk.dead.length === 0;
}

function renderLists() {
  if (!desk.me) return;
  lists.openId = thread.id;
  lists.render();
  $("customer-open").hidden = ![...desk.conversations.values()].some(({ channel }) => channel === "simulator") && desk.conversations.size > 0;
  const news = desk.mine.reduce((sum, id) => sum + unread(id), 0) + desk.queue.length;
  document.title = news ? `(${news}) ${t("app.title")}` : t("app.title");
}

$("availability").addEventListener("change", async (event) => {
  try {
    await setAvailability(event.target.value);
  } catch (problem) {
    offline(problem);
    renderMe(); // shows what still holds
  }
});
$("dead-open").addEventListener("click", () => showDead());
$("shortcuts-open").addEventListener("click", () => showShortcuts());
$("menu").addEventListener("click", () => {
  const open = $("bar").classList.toggle("is-open");
  $("menu").setAttribute("aria-expanded", open);
});

onLanguage(() => {
  showConnection(connection);
  if (!desk.me) return;
  $("items").replaceChildren();
  renderMe();
  renderLists();
  thread.rebuild();
});

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the open conversation, and must go on doing so
  $("thread").focus();
});

// ---- where one is: #/c/ID

window.addEventListener("hashchange", () => {
  if (takeTokenFromAddress()) return location.reload(); // another agent's link was pasted into this tab
  if (desk.me) route();
});

async function route() {
  const match = /^#\/c\/([^/?&%]+)$/.exec(location.hash);
  $("bar").classList.remove("is-open");
  $("menu").setAttribute("aria-expanded", false);
  $("desk").classList.toggle("has-open", Boolean(match));
  const opened = thread.open(match ? match[1] : null);
  renderLists();
  await opened;
  if (match && getComputedStyle($("lists")).display === "none") $("thread-name").focus({ preventScroll: true });
}

bindShortcuts({
  move: (step) => lists.move(step),
  show: (name) => lists.show(name),
  search: () => lists.search(),
  write: (mode) => thread.composer.write(mode),
  take: () => thread.act(),
  back: () => (location.hash = "#/"),
  inList: (target) => $("items").contains(target),
});

showConnection("connecting");
signIn();
