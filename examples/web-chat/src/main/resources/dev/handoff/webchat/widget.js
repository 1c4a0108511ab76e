/*
 * The visitor's side of the web chat. One tag puts it on any page:
 *   <script src="https://chat.example.com/webchat/widget.js" data-title="Shop" data-lang="pt" defer></script>
 *
 * What the visitor writes is kept in localStorage until the server says that it is stored, and is sent again until then,
 * under the same id: the server takes it once. What is received is counted by place, so that a new socket goes on where
 * the old one ended.
 */
(() => {
  "use strict";

  const script = document.currentScript;
  const base = new URL("..", script.src);
  const LONGEST = 2000;
  const DECIDE_MS = 10_000;
  const LATE_MS = 60_000;
  const ANSWER_MS = 10_000;
  const PING_MS = 25_000;
  const RETRY_MS = [300, 1_000, 2_000, 5_000, 10_000, 15_000];

  const WORDS = {
    pt: {
      open: "Abrir conversa", close: "Fechar conversa", title: "Conversa", log: "Mensagens", write: "Escreva uma mensagem",
      send: "Enviar", customer: "Você", bot: "Assistente", agent: "Atendente", system: "Aviso", sending: "Enviando…",
      refused: "Não enviada", offline: "Sem conexão. Tentando de novo…", hello: "Olá! Como podemos ajudar?",
      unread: (n) => (n === 1 ? "1 mensagem nova" : `${n} mensagens novas`), today: "Hoje",
    },
    en: {
      open: "Open chat", close: "Close chat", title: "Chat", log: "Messages", write: "Write a message",
      send: "Send", customer: "You", bot: "Assistant", agent: "Agent", system: "Notice", sending: "Sending…",
      refused: "Not sent", offline: "No connection. Trying again…", hello: "Hello! How can we help?",
      unread: (n) => (n === 1 ? "1 new message" : `${n} new messages`), today: "Today",
    },
  };
  const lang = (script.dataset.lang || document.documentElement.lang || navigator.language).toLowerCase().startsWith("pt")
    ? "pt" : "en";
  const words = WORDS[lang];
  const title = script.dataset.title || words.title;

  // ---- what the browser remembers; in memory where the page may not store anything

  const store = (() => {
    const prefix = `handoff.webchat ${base} `;
    const memory = new Map();
    const attempt = (work, otherwise) => {
      try { return work(); } catch { return otherwise(); }
    };
    return {
      get: (key) => attempt(() => localStorage.getItem(prefix + key), () => null) ?? memory.get(key) ?? null,
      /** Whether it will be there on the next page, too: what is full can be read, and takes nothing. */
      set: (key, value) => attempt(
        () => { localStorage.setItem(prefix + key, value); memory.delete(key); return true; },
        () => { memory.set(key, value); return false; }),
      remove: (key) => { memory.delete(key); attempt(() => localStorage.removeItem(prefix + key), () => {}); },
      keys: () => [...memory.keys(), ...attempt(
        () => Object.keys(localStorage).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)),
        () => [])],
    };
  })();

  /** One entry a message, so that two tabs never overwrite each other's. */
  const pending = {
    all: () => store.keys().filter((key) => key.startsWith("pending "))
      .map((key) => JSON.parse(store.get(key) ?? "null")).filter(Boolean)
      .sort((a, b) => a.at - b.at || a.id.localeCompare(b.id)),
    add: (message) => store.set(`pending ${message.id}`, JSON.stringify(message)),
    remove: (id) => store.remove(`pending ${id}`),
  };

  const random = (bytes) => [...crypto.getRandomValues(new Uint8Array(bytes))];

  /** Not randomUUID: pages without https have none. */
  const newId = () => random(16).map((b) => b.toString(16).padStart(2, "0")).join("");

  /** Whoever has it is the visitor; the server keeps a digest of it. */
  const newSecret = () => btoa(String.fromCharCode(...random(32))).replaceAll("+", "-").replaceAll("/", "_").replace("=", "");

  /** What else may stand there would be refused by the server for ever. */
  const keptSecret = () => {
    const kept = store.get("secret");
    return /^[\w-]{43}$/.test(kept) ? kept : null;
  };

  /**
   * Decides what the secret of a browser that has none is. Each process of a browser has a copy of localStorage, and hears
   * late of what another's tab has put there; the transactions of IndexedDB are one after the other for all of them, and
   * the first tab's secret is everybody's. Whoever waited too long is told twice: what to go on with alone, and what was
   * decided after all.
   */
  const decide = (decided) => {
    const mine = newSecret();
    let waiting = true;
    const alone = () => {
      if (waiting) decided(keptSecret() ?? mine);
      waiting = false;
    };
    setTimeout(alone, DECIDE_MS); // some browsers never answer, and some pages may not store anything
    try {
      const opening = indexedDB.open(`handoff.webchat ${base}`);
      opening.onupgradeneeded = () => opening.result.createObjectStore("visitor");
      opening.onerror = alone;
      opening.onsuccess = () => {
        const database = opening.result;
        const end = (tell) => { database.close(); tell(); };
        try {
          const deciding = database.transaction("visitor", "readwrite");
          const visitor = deciding.objectStore("visitor");
          let first = null;
          visitor.get("secret").onsuccess = ({ target: { result: before } }) => {
            // What localStorage took long ago and has not got was removed, by somebody who meant to be forgotten.
            const isValid = before?.kept === false || Math.abs(Date.now() - before?.at) < LATE_MS;
            first = isValid ? before.secret : (keptSecret() ?? mine);
            const kept = store.set("secret", first);
            if (!isValid || (kept && !before.kept)) visitor.put({ secret: first, at: Date.now(), kept }, "secret");
          };
          deciding.oncomplete = () => end(() => { waiting = false; decided(first); });
          deciding.onabort = () => end(alone);
        } catch { end(alone); }
      };
    } catch { alone(); }
  };

  // ---- what is on the page

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const icon = (path) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true" })) {
      svg.setAttribute(name, value);
    }
    const line = document.createElementNS(svg.namespaceURI, "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };

  const CHAT = "M4 5.5h16v11H10l-4.5 3.5v-3.5H4z";
  const CROSS = "M6 6l12 12M18 6L6 18";
  const PLANE = "M12 19V5M6 11l6-6 6 6";

  const badge = element("span", { class: "badge", "data-testid": "badge", hidden: "" });
  const launcher = element("button", {
    type: "button", class: "launcher", "aria-label": words.open, "aria-expanded": "false", "aria-controls": "panel",
    "data-testid": "launcher",
  }, icon(CHAT), badge);
  const closer = element("button", { type: "button", class: "quiet", "aria-label": words.close, "data-testid": "close" }, icon(CROSS));
  const state = element("p", { class: "state", role: "status", "data-testid": "state" });
  const log = element("ol", {
    class: "log", role: "log", "aria-live": "polite", "aria-label": words.log, tabindex: "0", "data-testid": "log",
  });
  const greeting = element("li", { class: "greeting" }, words.hello);
  log.append(greeting);
  const field = element("textarea", {
    rows: "1", maxlength: String(LONGEST), placeholder: words.write, "aria-label": words.write, enterkeyhint: "send",
    autocomplete: "off", "data-testid": "field",
  });
  const sender = element("button", { type: "submit", class: "send", "aria-label": words.send, "data-testid": "send" }, icon(PLANE));
  const form = element("form", {}, field, sender);
  const panel = element("section", { id: "panel", class: "panel", role: "dialog", "aria-label": title, hidden: "" },
    element("header", {}, element("h2", {}, title), closer), state, log, form);

  const host = element("div", { id: "handoff-chat", lang: lang === "pt" ? "pt-BR" : "en" });
  const root = host.attachShadow({ mode: "open" });
  const style = new CSSStyleSheet();
  // Constructed, and so allowed where a page's policy forbids inline styles.
  style.replaceSync(`
    :host {
      all: initial; color-scheme: light dark;
      --surface: #fff; --page: #f3f5f6; --line: #dce2e6; --text: #14202a; --muted: #566572;
      --accent: #0b6b5d; --on-accent: #fff; --bot: #e9ecf8; --agent: #e0f2ee; --danger: #a3211a; --focus: #1a6fe0;
      --shadow: 0 1px 2px rgb(20 32 42 / 10%), 0 12px 40px rgb(20 32 42 / 22%);
      position: fixed; inset: auto 0 0 auto; z-index: 2147483000;
      font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--text);
    }
    @media (prefers-color-scheme: dark) {
      :host {
        --surface: #141b21; --page: #0f151a; --line: #2b3741; --text: #e7edf1; --muted: #9aa9b5;
        --accent: #4cc4ad; --on-accent: #04231d; --bot: #252b4d; --agent: #12372f; --danger: #ffaaa3; --focus: #7ab4ff;
        --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 12px 40px rgb(0 0 0 / 55%);
      }
    }
    *, *::before, *::after { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button, textarea { font: inherit; color: inherit; }
    button { cursor: pointer; border: 0; background: none; padding: 0; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
    svg path { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .launcher {
      position: fixed; right: 20px; bottom: calc(20px + env(safe-area-inset-bottom)); width: 56px; height: 56px;
      display: grid; place-items: center; border-radius: 50%; background: var(--accent); color: var(--on-accent);
      box-shadow: var(--shadow);
    }
    .badge {
      position: absolute; top: -4px; right: -4px; min-width: 22px; height: 22px; padding: 0 6px; border-radius: 11px;
      background: #b3261e; color: #fff; font-size: 13px; font-weight: 650; line-height: 22px; text-align: center;
    }
    .panel {
      position: fixed; right: 20px; bottom: calc(88px + env(safe-area-inset-bottom)); width: 376px;
      height: min(600px, calc(100dvh - 108px)); display: flex; flex-direction: column; overflow: hidden;
      border: 1px solid var(--line); border-radius: 18px; background: var(--page); box-shadow: var(--shadow);
    }
    header {
      display: flex; align-items: center; justify-content: space-between; gap: 12px; padding: 10px 10px 10px 18px;
      background: var(--surface); border-bottom: 1px solid var(--line);
    }
    h2 { margin: 0; font-size: 16px; font-weight: 650; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .quiet { width: 40px; height: 40px; display: grid; place-items: center; border-radius: 10px; color: var(--muted); }
    .quiet:hover { background: var(--page); color: var(--text); }
    .state { margin: 0; padding: 6px 18px; background: var(--surface); color: var(--danger); font-size: 13px; border-bottom: 1px solid var(--line); }
    .state:empty { display: none; }
    .log {
      flex: 1; margin: 0; padding: 16px 14px; list-style: none; overflow-y: auto; overscroll-behavior: contain;
      scrollbar-width: thin; scrollbar-color: var(--line) transparent; display: flex; flex-direction: column; gap: 3px;
    }
    .log:focus-visible { outline-offset: -3px; }
    .log li { max-width: 84%; display: grid; }
    .greeting, .day, .system { align-self: center; text-align: center; color: var(--muted); font-size: 13px; }
    .greeting { padding: 8px 0 14px; font-size: 15px; }
    .day { padding: 8px 0 4px; }
    .system { padding: 8px 10px; }
    .customer { align-self: flex-end; justify-items: end; }
    .bot, .agent { align-self: flex-start; justify-items: start; }
    .first { margin-top: 10px; }
    .who { color: var(--muted); font-size: 12.5px; padding: 0 4px 2px; }
    .text { padding: 8px 13px; border-radius: 16px; white-space: pre-wrap; overflow-wrap: anywhere; }
    .customer .text { background: var(--accent); color: var(--on-accent); border-bottom-right-radius: 5px; }
    .bot .text { background: var(--bot); border-bottom-left-radius: 5px; }
    .agent .text { background: var(--agent); border-bottom-left-radius: 5px; }
    .system .text { padding: 0; }
    .foot { color: var(--muted); font-size: 12px; padding: 1px 4px 0; }
    .foot:empty { display: none; }
    .pending .text { opacity: .72; }
    .failed .foot { color: var(--danger); }
    .aside { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    form { display: flex; align-items: flex-end; gap: 8px; padding: 10px; background: var(--surface); border-top: 1px solid var(--line); }
    textarea {
      flex: 1; min-width: 0; max-height: 132px; padding: 9px 12px; resize: none; border: 1px solid var(--line);
      border-radius: 14px; background: var(--page); line-height: 1.4;
    }
    textarea:focus-visible { outline-width: 2px; outline-offset: 0; }
    textarea::placeholder { color: var(--muted); opacity: 1; }
    .send {
      flex: none; width: 42px; height: 42px; display: grid; place-items: center; border-radius: 50%;
      background: var(--accent); color: var(--on-accent);
    }
    @media (max-width: 480px) {
      .panel { inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0; }
      .launcher[aria-expanded="true"] { display: none; }
      textarea { font-size: 16px; } /* smaller, and phones zoom in */
      form { padding-bottom: calc(10px + env(safe-area-inset-bottom)); }
    }
    @media (prefers-reduced-motion: no-preference) {
      .panel { animation: rise .16s ease-out; }
      @keyframes rise { from { opacity: 0; transform: translateY(8px); } }
    }
    @media (forced-colors: active) { .text, .launcher, .send { border: 1px solid; } }
  `);
  root.adoptedStyleSheets = [style];
  root.append(panel, launcher);

  const clock = new Intl.DateTimeFormat(host.lang, { hour: "2-digit", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(host.lang, { day: "numeric", month: "long" });

  const bubbles = new Map(); // what the visitor wrote, by the widget's id
  let lastShown = null;      // { from, day } of the newest message in the log

  const isOpen = () => !panel.hidden;
  const isSeen = () => isOpen() && document.visibilityState === "visible";
  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const toEnd = () => { log.scrollTop = log.scrollHeight; };

  const bubble = (from, text) => element("li", { class: from, "data-testid": "message", "data-from": from },
    element("span", { class: "aside" }, `${words[from]}: `),
    element("span", { class: "text" }, text),
    element("span", { class: "foot" }));
  const foot = (item, text) => { item.querySelector(".foot").textContent = text; };

  /** Before what is still to be sent: that has no place yet. */
  const settle = (item, from, at) => {
    const day = date.format(at);
    if (day !== lastShown?.day) {
      log.insertBefore(element("li", { class: "day" }, day === date.format(new Date()) ? words.today : day), firstPending());
      lastShown = { day };
    }
    if (from !== lastShown.from) {
      item.classList.add("first");
      if (from === "bot" || from === "agent") {
        item.querySelector(".aside").replaceWith(element("span", { class: "who" }, words[from]));
      }
    }
    lastShown = { from, day };
    if (from !== "system") foot(item, clock.format(at));
    log.insertBefore(item, firstPending());
  };
  const firstPending = () => log.querySelector(".pending, .failed");

  const showPending = (message) => {
    if (bubbles.has(message.id)) return;
    const item = bubble("customer", message.text);
    item.classList.add("pending");
    foot(item, words.sending);
    bubbles.set(message.id, item);
    log.append(item);
  };

  const showItem = ({ from, text, at, id }) => {
    let item = id && bubbles.get(id);
    if (item) item.classList.remove("pending", "failed");
    else item = bubble(from, text);
    if (id) bubbles.set(id, item);
    settle(item, from, new Date(at));
  };

  // ---- the socket

  let socket = null;
  let deciding = false;   // who the visitor is
  let secret = null;      // of the visitor whose places are counted
  let welcomed = false;
  let cursor = null;      // the newest place that this tab has; null before the first welcome
  let busyUntil = 0;      // until this place it is history that is being read
  let received = [];      // places of what others said and the visitor has not seen
  let told = { place: 0, seen: 0 };
  let inFlight = null;    // the one message that is being sent
  let failures = 0;
  let retryTimer = 0;
  let answerTimer = 0;
  let pingTimer = 0;
  let pauseTimer = 0;
  let pauses = 0;

  const send = (frame) => socket.send(JSON.stringify(frame));

  const connect = () => {
    clearTimeout(retryTimer);
    if (socket || deciding) return;
    const known = keptSecret();
    if (known) {
      enter(known);
    } else {
      deciding = true;
      decide(decided);
    }
  };

  const decided = (visitors) => {
    deciding = false;
    store.set("secret", visitors);
    if (socket && secret !== visitors) {
      // Decided late, and for another tab's: this tab is the same visitor.
      socket.close();
      lost();
    }
    connect();
  };

  const enter = (visitors) => {
    if (secret !== visitors) {
      secret = visitors;
      cursor = null;
    }
    const address = new URL("webchat/socket", base);
    address.protocol = address.protocol.replace("http", "ws");
    const mine = (socket = new WebSocket(address));
    expectAnswer();
    mine.onopen = () => send({ type: "hello", secret, after: cursor ?? undefined });
    mine.onmessage = (event) => { if (mine === socket) hear(JSON.parse(event.data)); };
    mine.onclose = () => { if (mine === socket) lost(); };
  };

  const lost = () => {
    socket = null;
    welcomed = false;
    inFlight = null;
    for (const timer of [answerTimer, pingTimer, pauseTimer]) clearTimeout(timer);
    pauseTimer = 0;
    const wait = RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] * (0.75 + Math.random() / 2);
    if (failures > 2) state.textContent = words.offline;
    retryTimer = setTimeout(connect, wait);
  };

  /** A socket can die in silence: no answer in time is a death, too. */
  const expectAnswer = () => {
    clearTimeout(answerTimer);
    const asked = socket;
    answerTimer = setTimeout(() => {
      if (asked !== socket) return;
      asked.close();
      lost();
    }, ANSWER_MS);
  };

  const heard = () => {
    clearTimeout(answerTimer);
    clearTimeout(pingTimer);
    if (inFlight && !pauseTimer) expectAnswer();
    pingTimer = setTimeout(() => { send({ type: "ping" }); expectAnswer(); }, PING_MS);
  };

  const hear = (frame) => {
    switch (frame.type) {
      case "welcome": welcome(frame); break;
      case "messages": receive(frame.items); break;
      case "stored": stored(frame.id); break;
      case "refused": refused(frame); break;
      case "again": again(frame); break;
    }
    heard();
  };

  const welcome = (frame) => {
    failures = 0;
    state.textContent = "";
    welcomed = true;
    if (cursor !== frame.from) begin(frame.from);
    busyUntil = frame.last;
    told = { place: 0, seen: frame.seen };
    if (cursor < busyUntil) log.setAttribute("aria-busy", "true");
    pending.all().forEach(showPending);
    tell();
    pump();
  };

  const begin = (from) => {
    cursor = from;
    received = [];
    lastShown = null;
    bubbles.clear();
    log.removeAttribute("aria-busy");
    log.replaceChildren(greeting);
  };

  const receive = (items) => {
    const follow = isAtEnd();
    for (const item of items) {
      if (item.place <= cursor) continue;
      cursor = item.place;
      if (item.id) stored(item.id);
      else if (item.place > told.seen) received.push(item.place);
      showItem(item);
    }
    if (cursor >= busyUntil) log.removeAttribute("aria-busy");
    if (follow) toEnd();
    tell();
  };

  /** What has come, and what has been before the visitor's eyes. */
  const tell = () => {
    if (isSeen()) received = [];
    badge.hidden = received.length === 0;
    badge.textContent = String(received.length);
    launcher.setAttribute("aria-label", received.length ? `${words.open} (${words.unread(received.length)})` : words.open);
    if (!welcomed || !cursor) return;
    if (isSeen() && cursor > told.seen) {
      told = { place: cursor, seen: cursor };
      send({ type: "shown", place: cursor, seen: true });
    } else if (cursor > Math.max(told.place, told.seen)) {
      told.place = cursor;
      send({ type: "shown", place: cursor, seen: false });
    }
  };

  /** One at a time, so that what the visitor wrote first is stored first. */
  const pump = () => {
    if (!welcomed || inFlight) return;
    if ((keptSecret() ?? secret) !== secret) {
      // Another page forgot this visitor, and what waits is the new one's: they enter when this socket is closed.
      socket.close();
      return;
    }
    const next = pending.all()[0];
    if (!next) return;
    inFlight = next.id;
    send({ type: "say", id: next.id, text: next.text });
    expectAnswer();
  };

  const answered = (id) => {
    if (inFlight !== id) return;
    clearTimeout(pauseTimer);
    pauseTimer = 0;
    inFlight = null;
    pump();
  };

  const stored = (id) => {
    pauses = 0;
    pending.remove(id);
    const item = bubbles.get(id);
    if (item?.classList.contains("pending")) {
      item.classList.remove("pending");
      foot(item, "");
    }
    answered(id);
  };

  const refused = ({ id }) => {
    pending.remove(id);
    const item = bubbles.get(id);
    item?.classList.replace("pending", "failed");
    if (item) foot(item, words.refused);
    answered(id);
  };

  const again = ({ id, millis }) => {
    if (inFlight !== id) return;
    pauseTimer = setTimeout(() => {
      pauseTimer = 0;
      inFlight = null;
      pump();
    }, Math.min(30_000, millis * 2 ** pauses++));
  };

  // ---- what the visitor does

  const say = () => {
    const text = field.value;
    if (!text.trim()) return;
    const message = { id: newId(), text, at: Date.now() };
    pending.add(message);
    showPending(message);
    field.value = "";
    fit();
    toEnd();
    connect();
    pump();
  };

  const fit = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(132, field.scrollHeight + 2)}px`;
  };

  const open = () => {
    panel.hidden = false;
    launcher.setAttribute("aria-expanded", "true");
    toEnd();
    field.focus();
    connect();
    tell();
  };

  const close = () => {
    panel.hidden = true;
    launcher.setAttribute("aria-expanded", "false");
    launcher.focus();
  };

  launcher.addEventListener("click", () => (isOpen() ? close() : open()));
  closer.addEventListener("click", close);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    event.stopPropagation(); // the page's own shortcuts are not meant
  });
  field.addEventListener("input", fit);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      say();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say();
    field.focus();
  });
  document.addEventListener("visibilitychange", tell);
  const hurry = () => {
    if (!socket && retryTimer) {
      failures = 0;
      connect();
    }
  };
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);

  document.body.append(host);
  // Whoever has chatted before hears of answers; whoever has not costs the server nothing.
  if (keptSecret() || pending.all().length) connect();
})();
