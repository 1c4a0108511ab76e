import { serverNow } from "./api.js";
import { t } from "./language.js";
import { span } from "./wording.js";

/**
 * Writes the times that run: elements with data-since (how long already) or data-until (how long still), both in epoch
 * milliseconds, and data-word. Written here alone, so that nothing is rebuilt each second.
 */
export function tick() {
  const now = serverNow();
  for (const node of document.querySelectorAll("[data-since]")) {
    write(node, t(node.dataset.word, { time: span((now - node.dataset.since) / 1000) }));
  }
  for (const node of document.querySelectorAll("[data-until]")) {
    const left = (node.dataset.until - now) / 1000;
    write(node, left > 0 ? t(node.dataset.word, { time: span(left) }) : t("item.late"));
    node.classList.toggle("is-urgent", left < 60);
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

setInterval(tick, 1_000);
