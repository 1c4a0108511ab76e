import { el } from "./dom.js";
import { t } from "./language.js";

const KEYS = [
  [["j", "k", "↓", "↑"], "shortcuts.move"],
  [["Enter"], "shortcuts.openOne"],
  [["Ctrl+Enter"], "shortcuts.send"],
  [["1", "2", "3"], "shortcuts.lists"],
  [["/"], "shortcuts.search"],
  [["t"], "shortcuts.take"],
  [["r"], "shortcuts.reply"],
  [["n"], "shortcuts.note"],
  [["Esc"], "shortcuts.back"],
  [["?"], "shortcuts.help"],
];

export function showShortcuts() {
  if (document.querySelector("dialog[open]")) return;
  const dialog = el(
    "dialog",
    { class: "sheet", "aria-labelledby": "shortcuts-title", testid: "dialog-shortcuts" },
    el("h2", { id: "shortcuts-title", text: t("shortcuts.title") }),
    el("dl", { class: "keys" }, KEYS.map(([keys, word]) => el("div", {}, el("dt", {}, keys.map((key) => el("kbd", { text: key }))), el("dd", { text: t(word) })))),
    el("div", { class: "dialog-buttons" }, el("button", { class: "button", type: "button", text: t("close"), testid: "shortcuts-close", on: { click: () => dialog.close() } })),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** One listener for the page; keys typed into a field, a dialog or with a modifier are not shortcuts. */
export function bindShortcuts({ move, show, search, write, take, back, inList }) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "Escape") {
      if (typing) typing.blur();
      else back();
      return;
    }
    if (typing) return;
    const todo = {
      j: () => move(1),
      k: () => move(-1),
      ArrowDown: inList(event.target) ? () => move(1) : null,
      ArrowUp: inList(event.target) ? () => move(-1) : null,
      1: () => show("queue"),
      2: () => show("mine"),
      3: () => show("all"),
      "/": search,
      r: () => write("reply"),
      n: () => write("note"),
      t: take,
      "?": showShortcuts,
    }[event.key];
    if (!todo) return;
    event.preventDefault();
    todo();
  });
}
