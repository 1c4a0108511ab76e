/**
 * Builds an element. Text goes in as text nodes only: what customers write must never become markup.
 * Properties: class, text, on (listeners), data (dataset), testid; everything else is an attribute, false or null leaves it out.
 */
export function el(tag, { class: className, text, on, data, testid, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  if (testid) node.dataset.testid = testid;
  for (const [name, value] of Object.entries(data ?? {})) if (value !== null && value !== undefined) node.dataset[name] = value;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  for (const [name, listener] of Object.entries(on ?? {})) node.addEventListener(name, listener);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const PATHS = {
  clock: "M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
  check: "m5 13 4 4L19 7",
  checks: "m2 13 4 4 8-10M11 16l1 1 9-10",
  alert: "M12 8v5m0 3v.01M12 3 2.5 20h19L12 3Z",
  question: "M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.6.3-1 .8-1 1.5v.4m0 2.8v.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
  stop: "M5.6 5.6l12.8 12.8M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5v.01",
  audio: "M5 10v4h3l5 4V6l-5 4H5Zm11-1a4 4 0 0 1 0 6",
  video: "M4 6h11v12H4zM15 11l5-3v8l-5-3",
  document: "M7 3h7l4 4v14H7zM14 3v4h4",
  pin: "M12 21s7-6.2 7-11a7 7 0 1 0-14 0c0 4.8 7 11 7 11Zm0-9a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.400Z",
  tap: "M9 12V5.500a1.5 1.5 0 0 1 3 0V11m0-1.500a1.5 1.5 0 0 1 3 0V11m0-.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-1a6 6 0 0 1-4.5-2L4 15.500a1.5 1.5 0 0 1 2.3-1.900L9 16",
  note: "M5 4h14v11l-5 5H5zM14 20v-5h5M8 9h8M8 12.500h4",
  bot: "M6 9h12v9H6zM12 9V5m0 0v-.01M9.5 13v.01M14.5 13v.01M3.5 12v3M20.5 12v3",
  arrow: "M9 6l6 6-6 6",
};

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/**
 * Makes the children of `parent` the given items in order, touching only what changed, so that focus, selection,
 * open disclosures and the scroll position survive a refresh.
 */
export function reconcile(parent, items, keyOf, build) {
  const present = new Map();
  for (const child of parent.children) present.set(child.dataset.key, child);
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const print = JSON.stringify(item);
    let node = present.get(key);
    present.delete(key);
    if (!node || node.dataset.print !== print) {
      const fresh = build(item);
      fresh.dataset.key = key;
      fresh.dataset.print = print;
      if (node) {
        keepDisclosures(node, fresh);
        const focusable = focusedWithin(node);
        if (cursor === node) cursor = node.nextElementSibling;
        node.remove();
        parent.insertBefore(fresh, cursor);
        if (focusable) (fresh.matches("a,button") ? fresh : fresh.querySelector("a,button"))?.focus({ preventScroll: true });
        continue;
      }
      node = fresh;
    }
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
  for (const gone of present.values()) gone.remove();
}

const focusedWithin = (node) => node.contains(document.activeElement);

function keepDisclosures(old, fresh) {
  const before = old.querySelectorAll("details");
  fresh.querySelectorAll("details").forEach((details, i) => (details.open = before[i]?.open ?? false));
}
