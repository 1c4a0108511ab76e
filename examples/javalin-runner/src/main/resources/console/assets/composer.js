import { command, once } from "./api.js";
import { explain } from "./commands.js";
import { draft, keepDraft } from "./drafts.js";
import { t } from "./language.js";
import { desk } from "./desk.js";
import { holder, mayAnswer } from "./rules.js";
import { agentName, safeUrl } from "./wording.js";

const $ = (id) => document.getElementById(id);
const EXTRAS = ["composer-media", "composer-template", "composer-variables"];

/** Where answers and notes are written. What is typed belongs to its conversation until the server has taken it. */
export class Composer {
  constructor({ sent, refused }) {
    this.sent = sent;
    this.refused = refused;
    this.conversation = null;
    this.sending = new Set();
    $("composer-text").addEventListener("input", () => this.#remember());
    $("composer-text").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.#send();
    });
    for (const id of EXTRAS) $(id).addEventListener("input", (event) => keepDraft(this.conversation.id, event.target.dataset.kind, event.target.value));
    for (const radio of $("composer").elements.mode) radio.addEventListener("change", () => this.#recall());
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  get mode() {
    return $("composer").elements.mode.value;
  }

  /** Shows the conversation as it is now; only another conversation changes the text. */
  show(conversation) {
    const another = this.conversation?.id !== conversation.id;
    this.conversation = conversation;
    if (another) {
      $("composer").elements.mode.value = !draft(conversation.id, "reply") && draft(conversation.id, "note") ? "note" : "reply";
      this.#recall();
      for (const id of EXTRAS) $(id).value = draft(conversation.id, $(id).dataset.kind);
      $("extras").open = EXTRAS.some((id) => $(id).value);
    }
    this.render();
  }

  write(mode) {
    if (!this.conversation) return;
    $("composer").elements.mode.value = mode;
    this.#recall();
    $("composer-text").focus();
  }

  render() {
    if (!this.conversation) return;
    const note = this.mode === "note";
    const busy = this.sending.has(this.#slot());
    const may = note || mayAnswer(this.conversation, desk.me);
    $("composer").classList.toggle("is-note", note);
    $("composer-text").placeholder = t(note ? "composer.notePlaceholder" : "composer.replyPlaceholder");
    $("composer-send").textContent = t(busy ? "composer.sending" : note ? "composer.saveNote" : "composer.send");
    $("composer-send").disabled = busy || !may;
    $("extras").hidden = note;
    $("composer-why").textContent = may ? "" : t(`composer.why.${WHY[holder(this.conversation, desk.me)]}`, { agent: agentName(this.conversation.agentId) });
  }

  #slot() {
    return `${this.mode}:${this.conversation.id}`;
  }

  #remember() {
    keepDraft(this.conversation.id, this.mode, $("composer-text").value);
  }

  #recall() {
    $("composer-text").value = draft(this.conversation.id, this.mode);
    this.render();
  }

  async #send() {
    const conversation = this.conversation;
    const mode = this.mode;
    const slot = this.#slot();
    if ($("composer-send").disabled) return;
    const text = $("composer-text").value;
    const body = mode === "note" ? { text } : this.#answer(text);
    if (body.wrong || (!text.trim() && !body.mediaUrls && !body.template)) {
      this.refused(t(body.wrong ?? "composer.empty"), conversation);
      $("composer-text").focus();
      return;
    }
    this.sending.add(slot);
    this.render();
    try {
      const answer = mode === "note" ? await once(conversation, "notes", body) : await command(conversation, "messages", body);
      this.#forget(conversation.id, mode, text);
      this.sent(answer, conversation);
    } catch (problem) {
      const sentence = await explain(problem, conversation);
      this.refused(text ? `${sentence} ${t("changed.textKept")}` : sentence, conversation);
    } finally {
      this.sending.delete(slot);
      this.render();
    }
  }

  #answer(text) {
    const body = text.trim() ? { text } : {};
    const media = $("composer-media").value.trim();
    if (media && !(/^https?:/i.test(media) && safeUrl(media))) return { wrong: "composer.badMedia" };
    if (media) body.mediaUrls = [media];
    const contentSid = $("composer-template").value.trim();
    if (!contentSid) return body;
    const lines = $("composer-variables").value.split("\n").filter((line) => line.trim());
    if (lines.some((line) => line.indexOf("=") < 1)) return { wrong: "composer.badVariables" };
    const variables = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1).trim()]));
    return { ...body, template: { contentSid, variables } };
  }

  /** Clears what was sent, and leaves what was typed while it was on its way. */
  #forget(id, mode, text) {
    const now = draft(id, mode);
    keepDraft(id, mode, now.startsWith(text) ? now.slice(text.length).trimStart() : now);
    if (mode === "reply") for (const extra of EXTRAS) keepDraft(id, $(extra).dataset.kind, "");
    if (this.conversation.id !== id) return;
    if (mode === this.mode) $("composer-text").value = draft(id, mode);
    if (mode === "reply") for (const extra of EXTRAS) $(extra).value = "";
  }
}

const WHY = { bot: "bot", queue: "queue", agent: "agent", none: "ended", pending: "pending" };
