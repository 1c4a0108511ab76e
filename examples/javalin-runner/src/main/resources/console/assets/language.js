import { words } from "./words.js";

const KEPT_AS = "handoff.language";

function fromBrowser() {
  for (const wanted of navigator.languages ?? [navigator.language]) {
    const base = wanted.toLowerCase().split("-")[0];
    if (base === "pt") return "pt-BR";
    if (base === "es" || base === "en") return base;
  }
  return "en";
}

function kept() {
  try {
    const language = localStorage.getItem(KEPT_AS);
    return language in words ? language : null;
  } catch {
    return null; // storage may be blocked; the browser's language still serves
  }
}

let current = kept() ?? fromBrowser();
const listeners = new Set();

export const language = () => current;

export function t(key, values = {}) {
  const text = words[current][key] ?? words.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const known = (key) => key in words.en;

/** Fills every element that names its words: data-t (text), data-t-label, data-t-placeholder, data-t-title. */
export function translate(root = document) {
  document.documentElement.lang = current;
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-title]")) node.title = t(node.dataset.tTitle);
  for (const node of root.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
}

export function onLanguage(listener) {
  listeners.add(listener);
}

export function bindLanguageSwitch(select) {
  select.value = current;
  select.addEventListener("change", () => {
    current = select.value;
    try {
      localStorage.setItem(KEPT_AS, current);
    } catch {
      // not kept, still switched
    }
    translate();
    for (const listener of listeners) listener();
  });
}
