import { el } from "./dom.js";
import { t } from "./language.js";

/**
 * A question in a dialog. `run(values)` is tried while the dialog is open: it closes on success, and stays with all that
 * was typed when `run` returns a sentence that says what went wrong.
 */
export function ask({ name, title, lead, fields = [], confirm, danger = false, run }) {
  const problem = el("p", { class: "problem", role: "alert", hidden: true, testid: "dialog-error" });
  const submit = el("button", { class: danger ? "button danger" : "button primary", type: "submit", testid: "dialog-confirm", text: confirm });
  const cancel = el("button", { class: "button", type: "button", testid: "dialog-cancel", text: t("cancel"), on: { click: () => dialog.close() } });
  const heading = `dialog-${name}-title`;
  const form = el(
    "form",
    { novalidate: true },
    el("h2", { id: heading, text: title }),
    lead ? el("p", { class: "muted", text: lead }) : null,
    fields.map(field),
    problem,
    el("div", { class: "dialog-buttons" }, cancel, submit),
  );
  const dialog = el("dialog", { class: "sheet", "aria-labelledby": heading, testid: `dialog-${name}` }, form);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const missing = [...form.elements].find((input) => input.required && !input.closest("[hidden]") && !input.value.trim());
    if (missing) {
      say(t("required"));
      missing.focus();
      return;
    }
    submit.disabled = true;
    say(null);
    const refused = await run(Object.fromEntries(new FormData(form)));
    submit.disabled = false;
    if (refused) say(refused);
    else dialog.close();
  });
  form.addEventListener("change", showDependents);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  showDependents();
  dialog.showModal();
  return dialog;

  function say(sentence) {
    problem.hidden = !sentence;
    problem.textContent = sentence ?? "";
  }

  /** A field with `when: [name, value]` shows only while that choice is made. */
  function showDependents() {
    const values = new FormData(form);
    for (const row of form.querySelectorAll("[data-when]")) {
      const [other, value] = row.dataset.when.split("=");
      row.hidden = values.get(other) !== value;
    }
  }
}

function field({ name, label, kind = "text", value = "", options, suggestions, required = false, when }) {
  const id = `field-${name}`;
  const data = when ? { when: when.join("=") } : {};
  if (kind === "choice") {
    return el(
      "fieldset",
      { class: "choice" },
      el("legend", { text: label }),
      options.map(([key, word], i) =>
        el("label", {}, el("input", { type: "radio", name, value: key, checked: i === 0, testid: `${id}-${key}` }), el("span", { text: word })),
      ),
    );
  }
  const list = suggestions?.length ? `${id}-list` : null;
  const input =
    kind === "textarea"
      ? el("textarea", { id, name, rows: 3, testid: id, text: value })
      : el("input", { id, name, type: kind, value, required, list, autocomplete: "off", autocapitalize: "none", spellcheck: "false", testid: id });
  return el(
    "div",
    { class: "field", data },
    el("label", { for: id, text: label }),
    input,
    list ? el("datalist", { id: list }, suggestions.map((suggestion) => el("option", { value: suggestion }))) : null,
  );
}
