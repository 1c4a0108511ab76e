import { get, call, serverNow } from "./api.js";

/** What this console knows of the desk; views read it and are told when it changes. */
export const desk = {
  me: null,
  conversations: new Map(),
  queue: [],
  mine: [],
  all: [],
  allCursor: null,
  filter: { status: "", search: "" },
  waitingSince: new Map(),
  activity: new Map(), // conversation id → its recent changes of control, oldest first
  lastActivity: new Map(),
  agents: new Set(),
  queues: new Set(["supervisor"]),
  dead: [],
};

const listeners = new Set();
export const onDesk = (listener) => listeners.add(listener);
const changed = () => listeners.forEach((listener) => listener());

/** Takes a snapshot unless a newer one is already here: answers and events overtake each other. */
export function learn(conversation) {
  const known = desk.conversations.get(conversation.id);
  if (known && known.version > conversation.version) return known;
  desk.conversations.set(conversation.id, conversation);
  if (conversation.agentId) desk.agents.add(conversation.agentId);
  if (conversation.queue) desk.queues.add(conversation.queue);
  return conversation;
}

export async function refreshMe() {
  desk.me = await get("/api/agents/me");
  desk.agents.add(desk.me.id);
  changed();
}

export async function setAvailability(availability) {
  const answer = await call("PUT", "/api/agents/me", { availability });
  desk.me = { ...desk.me, availability, ...answer };
  changed();
}

const PAGE = 50;
const NAME_SEARCH_DEPTH = 500;
const isPhase = (state) => state === "WAITING_AGENT" || state === "ASSIGNED";
const stateQuery = (state) => (isPhase(state) ? { status: "HUMAN_HANDOFF", phase: state } : { status: state });

export async function refreshLists() {
  const [queue, mine, all] = await Promise.all([
    get("/api/queue"),
    get("/api/conversations", { agentId: desk.me.id, status: "HUMAN_HANDOFF", limit: 200 }),
    findConversations(),
  ]);
  desk.waitingSince.clear();
  for (const item of queue.items) desk.waitingSince.set(item.id, serverNow() - item.waitingSeconds * 1000);
  desk.queue = queue.items.map(({ position, waitingSeconds, ...conversation }) => learn(conversation).id);
  desk.mine = mine.items.map((conversation) => learn(conversation).id);
  desk.all = all.items.map((conversation) => learn(conversation).id);
  desk.allCursor = all.nextCursor ?? null;
  changed();
}

/** The API finds a customer by the whole address; a part of it, or a name, is looked for in what was active last. */
async function findConversations() {
  const query = stateQuery(desk.filter.status);
  const search = desk.filter.search.trim();
  if (!search) return get("/api/conversations", { ...query, limit: Math.max(PAGE, Math.min(500, desk.all.length)) });
  const [exact, recent] = await Promise.all([
    get("/api/conversations", { ...query, customer: search, limit: PAGE }),
    get("/api/conversations", { ...query, limit: NAME_SEARCH_DEPTH }),
  ]);
  const found = new Map(exact.items.map((conversation) => [conversation.id, conversation]));
  const digits = search.replace(/[\s()\-.]/g, "");
  for (const conversation of recent.items) {
    if (fold(conversation.customerName).includes(fold(search)) || fold(conversation.customer).includes(fold(digits))) {
      found.set(conversation.id, conversation);
    }
  }
  return { items: [...found.values()], nextCursor: null };
}

const fold = (text) => (text ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export async function loadMore() {
  const page = await get("/api/conversations", { ...stateQuery(desk.filter.status), limit: PAGE, cursor: desk.allCursor });
  const more = page.items.map((conversation) => learn(conversation).id);
  desk.all = [...new Set([...desk.all, ...more])];
  desk.allCursor = page.nextCursor ?? null;
  changed();
}

export async function refreshDead() {
  desk.dead = (await get("/api/outbound/dead")).items;
  changed();
}

const CONTROL = new Set([
  "conversation_opened",
  "handoff_requested",
  "agent_assigned",
  "agent_took_over",
  "conversation_transferred",
  "released_to_bot",
  "conversation_closed",
  "conversation_expired",
  "requeued",
  "deadline_warning",
  "session_window_warning",
  "escalated",
  "bot_failed",
]);

/** Remembers what an event tells of a conversation's course. */
export function remember(event) {
  const id = event.conversationId;
  if (!id) return;
  desk.lastActivity.set(id, event.at);
  if (!CONTROL.has(event.type)) return;
  const course = desk.activity.get(id) ?? [];
  if (course.some((known) => known.cursor === event.cursor)) return;
  desk.activity.set(id, [...course, event]);
}

/**
 * Runs `work` soon, not more often than every `pause` milliseconds, and once more if asked for while it ran: a burst of
 * events is one refresh, and the last event is never missed.
 */
export function throttled(work, pause, onFailure) {
  let timer = null;
  let running = false;
  let again = false;
  let last = 0;
  return function soon() {
    if (running) again = true;
    if (running || timer !== null) return;
    timer = setTimeout(async () => {
      timer = null;
      running = true;
      last = Date.now();
      try {
        await work();
      } catch (problem) {
        onFailure(problem);
      } finally {
        running = false;
        if (again) {
          again = false;
          soon();
        }
      }
    }, Math.max(80, last + pause - Date.now()));
  };
}
