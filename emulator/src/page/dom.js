// Building blocks of the page: elements, lists that change in place, safe HTML, files in a composer.

/** An element; strings become text nodes, never markup. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** Sets a text only where it differs, so that a selection stays. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Makes the children of `parent` show `items`; nodes whose item is unchanged stay as they are. */
export function reconcile(parent, items, key, build) {
  const known = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let place = parent.firstChild;
  for (const item of items) {
    const id = String(key(item));
    const sign = JSON.stringify(item);
    let node = known.get(id);
    known.delete(id);
    if (node && node.dataset.sign === sign) {
      if (node === place) place = place.nextSibling;
      else parent.insertBefore(node, place);
      continue;
    }
    const fresh = build(item);
    fresh.dataset.key = id;
    fresh.dataset.sign = sign;
    const focused = node?.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
    if (node === place) place = place?.nextSibling ?? null;
    node?.remove();
    parent.insertBefore(fresh, place);
    if (focused) fresh.querySelector(`[data-focus="${focused}"]`)?.focus();
  }
  for (const node of known.values()) node.remove();
}

/** Scrolls to the end. */
export const toEnd = (log) => (log.scrollTop = log.scrollHeight);

/** Keeps the end of a log in sight until somebody scrolls away from it, whatever changes: entries, pictures, its size. */
export function followEnd(log) {
  let atEnd = true;
  const follow = () => atEnd && toEnd(log);
  log.addEventListener("scroll", () => (atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40));
  // Load events do not bubble, so they are caught on their way down.
  log.addEventListener("load", follow, true);
  new ResizeObserver(follow).observe(log);
  new MutationObserver(follow).observe(log, { childList: true, subtree: true, characterData: true });
}

// What of a thread's HTML is shown; everything else shows as its text only.
const ALLOWED = new Set("A B BLOCKQUOTE BR CODE DIV EM H1 H2 H3 HR I LI OL P PRE S SPAN STRONG U UL".split(" "));
const SILENT = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "IFRAME", "OBJECT", "SVG", "MATH"]);

/** Strangers' HTML as safe nodes: known tags without attributes, links only to http(s). */
export function safe(html) {
  const copy = (from, to) => {
    for (const node of from.childNodes) {
      const name = node.nodeName.toUpperCase();
      if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
      else if (node.nodeType !== Node.ELEMENT_NODE || SILENT.has(name)) continue;
      else if (!ALLOWED.has(name)) copy(node, to);
      else {
        const kept = document.createElement(name);
        const address = name === "A" ? node.getAttribute("href") ?? "" : "";
        if (/^https?:\/\//i.test(address)) Object.assign(kept, { href: address, target: "_blank", rel: "noopener noreferrer" });
        copy(node, kept);
        to.append(kept);
      }
    }
    return to;
  };
  return copy(new DOMParser().parseFromString(html, "text/html").body, document.createDocumentFragment());
}

/** Plain text as HTML. */
export const escapeHtml = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\n/g, "<br>");

/** HTML as one line of text. */
export const inOneLine = (html) => safe(html.replace(/<(br|\/p|\/div|\/li)\b/gi, " $&")).textContent.trim();

/** Files that wait in a composer. */
export function fileTray(input, tray) {
  let files = [];
  const show = () => tray.replaceChildren(...files.map((file) =>
    h("button", { type: "button", title: "Remove", onclick: () => { files = files.filter((it) => it !== file); show(); } }, `${file.name} ✕`)));
  const read = (file) => new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onerror = () => failed(reader.error);
    reader.onload = () => done({ name: file.name, type: file.type || "application/octet-stream", base64: reader.result.slice(reader.result.indexOf(",") + 1) });
    reader.readAsDataURL(file);
  });
  input.addEventListener("change", async () => {
    files.push(...await Promise.all([...input.files].map(read)));
    input.value = "";
    show();
  });
  return { get: () => files, clear: () => { files = []; show(); } };
}
