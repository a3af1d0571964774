// The playground: one state, read twice a second; a section is built anew only where it changed.

import { FAR_ENDS, pastCalls, showPastCall, telephone } from "./calls.js";
import { frame } from "./host.js";
import { programPane } from "./program.js";
import { escapeHtml, fileTray, followEnd, h, inOneLine, reconcile, safe, toEnd, write } from "./dom.js";

const HOTLINE = "+15550100001";
const FIRST_PHONE = "+15550100100";
const POLL_MS = 500;
// How long a reply can be undone here; Help Scout does not publish its own window.
const UNDO_MS = 15_000;

const FAULTS = [
  ["helpscout", "Help Scout is down", { kind: "down" }],
  ["helpscout", "Help Scout takes 30 s", { kind: "slow", ms: 30_000 }],
  ["helpscout", "Help Scout says 429", { kind: "status", status: 429, headers: { "x-ratelimit-retry-after": "20" }, body: '{"message":"API rate limit exceeded"}' }],
  ["helpscout", "One answer of Help Scout is lost", { kind: "lost_answer", method: "POST", path_contains: "/conversations", times: 1 }],
  ["helpscout", "Its webhooks come twice", { kind: "duplicate", copies: 2 }],
  ["helpscout", "Its webhooks come out of order", { kind: "reorder", window_ms: 3_000 }],
  ["helpscout", "Its webhooks come 5 s late", { kind: "delay", ms: 5_000 }],
  ["helpscout", "Its lists lag 30 s behind", { kind: "list_lag", ms: 30_000 }],
  ["twilio", "Twilio is down", { kind: "down" }],
  ["twilio", "Twilio takes 30 s", { kind: "slow", ms: 30_000 }],
  ["twilio", "One answer of Twilio is lost", { kind: "lost_answer", method: "POST", path_contains: "/Messages", times: 1 }],
  ["twilio", "One answer to a started call is lost", { kind: "lost_answer", method: "POST", path_contains: "/Calls.json", times: 1 }],
  ["twilio", "Its webhooks come twice", { kind: "duplicate", copies: 2 }],
  ["twilio", "Its webhooks come out of order", { kind: "reorder", window_ms: 3_000 }],
  ["twilio", "Its webhooks come 5 s late", { kind: "delay", ms: 5_000 }],
];

const $ = (id) => document.getElementById(id);
const checked = (name) => document.querySelector(`input[name="${name}"]:checked`).value;
const clock = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

async function call(method, path, body) {
  const options = { method, headers: body ? { "content-type": "application/json" } : {}, body: body && JSON.stringify(body) };
  const response = await fetch(path, options);
  const text = await response.text();
  const answer = JSON.parse(text || "null");
  if (!response.ok) throw new Error(answer?.error ?? `The emulator answered ${response.status}`);
  return answer;
}

/** Asks the hotline's API, as a program with a key does. */
async function programApi(method, path, body) {
  const options = { method, headers: body ? { "content-type": "application/json" } : {}, body: body && JSON.stringify(body) };
  const response = await fetch(`/_play/program${path}`, options);
  return { status: response.status, answer: JSON.parse((await response.text()) || "null") };
}

let toastTimer;
function toast(message) {
  $("toast").textContent = message;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => ($("toast").hidden = true), 5_000);
}

/** Does something and shows at once what it changed. */
async function attempt(deed) {
  try {
    await deed();
    await refresh();
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

const play = (action, args) => call("POST", `/_play/helpscout/${action}`, { ...args, user: Number($("agent").value) || undefined });

$("dialog-cancel").addEventListener("click", () => $("dialog").close());

/** Asks for a choice, a word or a mere yes; null when cancelled. */
function ask({ title, text = "", choice, options = [], entry, value = "", ok }) {
  $("dialog-title").textContent = title;
  $("dialog-text").textContent = text;
  $("dialog-choice").hidden = !choice;
  $("dialog-entry").hidden = !entry;
  const [select, input] = [$("dialog-choice").querySelector("select"), $("dialog-entry").querySelector("input")];
  $("dialog-choice").querySelector("span").textContent = choice ?? "";
  $("dialog-entry").querySelector("span").textContent = entry ?? "";
  select.replaceChildren(...options.map(([id, name]) => h("option", { value: id }, name)));
  input.value = value;
  $("dialog-ok").textContent = ok;
  const dialog = $("dialog");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.onclose = () => answer(dialog.returnValue !== "ok" ? null : choice ? select.value : entry ? input.value.trim() : "ok");
  });
}

// The phone.

const extraPhones = new Set([FIRST_PHONE]);
let state = { now: 0, phones: {}, calls: [], helpscout: { conversations: [], inboxes: [], users: [], emails: [], webhooks: [] }, faults: {}, requests: [] };
const textFiles = fileTray($("text-attach"), $("text-files"));

function setOptions(select, options) {
  const sign = JSON.stringify(options);
  if (select.dataset.sign === sign) return;
  const value = select.value;
  select.replaceChildren(...options.map(([id, name]) => h("option", { value: id }, name)));
  if (options.some(([id]) => String(id) === value)) select.value = value;
  select.dataset.sign = sign;
}

function showMedia({ url, type, name }) {
  if (/^image\/(png|jpeg|gif|webp)$/.test(type)) return h("img", { src: url, alt: name || "picture" });
  return h("a", { href: url, target: "_blank", rel: "noopener" }, name || type);
}

function showBubble(message) {
  const mine = message.direction === "out";
  const channel = message.channel === "whatsapp" ? "WhatsApp · " : "";
  return h("li", { class: `bubble ${mine ? "mine" : ""} ${message.channel}` },
    h("div", {}, (message.media ?? []).map(showMedia), message.body),
    h("small", {}, `${channel}${clock(message.at)}${message.status ? ` · ${message.status}` : ""}`));
}

const numbers = () => [...new Set([...extraPhones, ...Object.keys(state.phones), ...state.calls.map((it) => it.phone)])];

function showPhone() {
  setOptions($("phone-number"), numbers().map((number) => [number, number]));
  const phone = $("phone-number").value;
  const messages = (state.phones[phone] ?? []).map((message, index) => ({ ...message, key: index }));
  const log = [...messages, ...pastCalls(state.calls, phone)].sort((one, other) => one.at - other.at);
  reconcile($("bubbles"), log, (entry) => entry.key, (entry) => entry.call ? showPastCall(entry) : showBubble(entry));
  showCalls(state.calls, state.now);
}

function choosePhone(number) {
  $("phone-number").value = number;
  $("phone-number").dispatchEvent(new Event("change"));
}

const showCalls = telephone({ hotline: HOTLINE, call, attempt, phone: () => $("phone-number").value, choose: choosePhone });

// What calls to a phone meet; told to the emulator and remembered here for the list.
const farEnds = new Map();
setOptions($("far-end"), Object.entries(FAR_ENDS).map(([id, [name]]) => [id, name]));
$("far-end").addEventListener("change", () => attempt(async () => {
  const [number, kind] = [$("phone-number").value, $("far-end").value];
  await call("POST", "/_play/settings", { calls: { far_ends: { [number]: FAR_ENDS[kind][1] } } });
  farEnds.set(number, kind);
}));

// What becomes of texts to a phone; told to the emulator and remembered here for the list.
const fates = new Map();
$("fate").addEventListener("change", () => attempt(async () => {
  const [number, fate] = [$("phone-number").value, $("fate").value];
  await call("POST", "/_play/settings", { fates: { [number]: fate } });
  fates.set(number, fate);
}));
$("phone-number").addEventListener("change", () => {
  $("fate").value = fates.get($("phone-number").value) ?? "delivered";
  $("far-end").value = farEnds.get($("phone-number").value) ?? "by_hand";
  $("bubbles").replaceChildren();
  showPhone();
  toEnd($("bubbles"));
});
$("add-phone").addEventListener("click", async () => {
  const taken = new Set(numbers());
  let next = 101;
  while (taken.has(`+15550100${next}`)) next += 1;
  const number = await ask({ title: "Another phone", entry: "Its number", value: `+15550100${next}`, ok: "Add" });
  if (!number) return;
  extraPhones.add(number);
  showPhone();
  choosePhone(number);
  $("text-body").focus();
});
$("text-body").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("text-form").requestSubmit();
  }
});
$("text-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [body, media] = [$("text-body").value, textFiles.get().map(({ type, base64 }) => ({ type, base64 }))];
  if (!body.trim() && !media.length) return;
  const prefix = checked("channel") === "whatsapp" ? "whatsapp:" : "";
  const sent = await attempt(() =>
    call("POST", "/_play/text", { from: prefix + $("phone-number").value, to: prefix + HOTLINE, body, media }));
  if (!sent) return;
  $("text-body").value = "";
  textFiles.clear();
  toEnd($("bubbles"));
});

// The inbox.

let selected = null;
const answerFiles = fileTray($("answer-attach"), $("answer-files"));
const people = (customer) => customer?.name || customer?.phones[0] || customer?.email || "Unknown";
const listed = () => state.helpscout.conversations.filter((it) => !["merged", "deleted"].includes(it.state) && String(it.mailbox) === $("inbox").value);
const current = () => state.helpscout.conversations.find((it) => it.id === selected);

function showListItem({ id, subject, customer, tags, status, count, preview, open }) {
  return h("li", {},
    h("button", { type: "button", "data-focus": "open", "aria-current": open, onclick: () => { selected = id; showInbox(); } },
      h("div", { class: "line" }, h("b", {}, customer), h("span", { class: "count", title: `${count} threads` }, String(count))),
      h("div", { class: "preview" }, subject),
      h("div", { class: "preview" }, preview),
      h("div", { class: "pills" }, h("span", { class: `pill ${status}` }, status), tags.map((tag) => h("span", { class: "pill tag" }, tag)))));
}

const KINDS = { customer: "", message: "reply", note: "note", phone: "phone", chat: "chat" };

function showThread(thread) {
  if (thread.kind === "lineitem") {
    return h("li", { class: "thread lineitem" }, `${thread.author} ${thread.text} · ${clock(thread.at)}`);
  }
  const told = thread.source !== "web" && !(thread.source === "api" && thread.kind !== "message");
  const hints = [KINDS[thread.kind], told && `via ${thread.source}`, thread.state !== "published" && thread.state];
  const later = thread.scheduled_for ? ` ${clock(thread.scheduled_for)}` : "";
  const body = h("div", {});
  body.append(safe(thread.html));
  const button = (label, action) => h("button", { type: "button", class: "quiet", "data-focus": action, onclick: () => attempt(() => play(action, { thread: thread.id })) }, label);
  const buttons = thread.kind !== "message" ? [] : [
    thread.undoable && button("Undo", "undo_reply"),
    (thread.state === "draft" || thread.state === "scheduled") && button("Send now", "publish_draft"),
    thread.state === "published" && !thread.undoable && button("Hide", "hide_thread"),
  ].filter(Boolean);
  return h("li", { class: `thread ${thread.kind} ${thread.state === "hidden" ? "hidden-thread" : thread.state}` },
    h("header", {}, h("b", {}, thread.author || "Customer"), h("span", {}, hints.filter(Boolean).join(" · ") + later), h("time", {}, clock(thread.at))),
    body, thread.attachments.map(showMedia), buttons.length > 0 && h("footer", {}, buttons));
}

function showInbox() {
  const { inboxes, users } = state.helpscout;
  setOptions($("inbox"), inboxes.map(({ id, name }) => [id, name]));
  // The first user owns the hotline's application: a bot, who writes nothing here.
  setOptions($("agent"), users.slice(1).map(({ id, name }) => [id, name]));
  const conversations = listed();
  if (!conversations.some((it) => it.id === selected)) selected = conversations[0]?.id ?? null;
  reconcile($("conversations"), conversations.map((it) => ({
    id: it.id, subject: it.subject, customer: people(it.customer), tags: it.tags, status: it.status, open: it.id === selected,
    count: it.threads.filter((thread) => thread.kind !== "lineitem").length, preview: preview(it),
  })), (it) => it.id, showListItem);
  showConversation(current());
}

function preview(conversation) {
  const last = conversation.threads.findLast((thread) => thread.html);
  return last ? inOneLine(last.html).slice(0, 80) : "";
}

// The app beside the conversation, framed anew for another conversation or agent, as Help Scout does.
let framed = "";
let unframe = () => {};
async function showApp(it) {
  const query = it ? `conversation=${it.id}&user=${$("agent").value}` : "";
  if (query === framed) return;
  framed = query;
  unframe();
  unframe = () => {};
  if (!query) return;
  try {
    const app = await call("GET", `/_play/sidebar?${query}`);
    if (query === framed) unframe = frame($("app"), app, toast);
  } catch (error) {
    toast(error.message);
  }
}

let shown = null;
function showConversation(it) {
  showApp(it);
  $("conversation").hidden = !it;
  $("nothing").hidden = Boolean(it);
  if (!it) return;
  write($("subject"), it.subject);
  write($("status"), it.status);
  $("status").className = `pill ${it.status}`;
  const contact = [it.customer?.email, ...(it.customer?.phones ?? [])].filter((part) => part && part !== people(it.customer));
  write($("about"), [`#${it.number}`, people(it.customer), ...contact, it.type].join(" · "));
  write(document.querySelector('[data-action="close"]'), it.status === "closed" ? "Reopen" : "Close");
  write(document.querySelector('[data-action="spam"]'), it.status === "spam" ? "Not spam" : "Spam");
  const threads = it.threads.map((thread) => ({
    ...thread, undoable: thread.kind === "message" && thread.state === "published" && thread.source === "web" && state.helpscout.now - thread.at < UNDO_MS,
  }));
  const moved = shown !== it.id;
  shown = it.id;
  reconcile($("threads"), threads, (thread) => thread.id, showThread);
  if (moved) toEnd($("threads"));
}

const ACTIONS = {
  close: (it) => play("status", { conversation: it.id, status: it.status === "closed" ? "active" : "closed" }),
  spam: (it) => play("status", { conversation: it.id, status: it.status === "spam" ? "active" : "spam" }),
  merge: async (it) => {
    const options = listed().filter((other) => other.id !== it.id).map((other) => [other.id, `#${other.number} ${other.subject}`]);
    if (!options.length) return toast("There is no other conversation in this inbox.");
    const into = await ask({ title: "Merge this conversation", choice: "into", options, ok: "Merge" });
    if (!into) return;
    await play("merge", { from: it.id, into: Number(into) });
    selected = Number(into);
  },
  move: async (it) => {
    const options = state.helpscout.inboxes.filter(({ id }) => id !== it.mailbox).map(({ id, name }) => [id, name]);
    const mailbox = await ask({ title: "Move this conversation", choice: "to the inbox", options, ok: "Move" });
    if (mailbox) await play("move", { conversation: it.id, mailbox: Number(mailbox) });
  },
  delete: async (it) => {
    if (await ask({ title: "Delete this conversation?", text: it.subject, ok: "Delete" })) await play("delete", { conversation: it.id });
  },
};
for (const button of document.querySelectorAll("[data-action]")) {
  button.addEventListener("click", () => attempt(() => ACTIONS[button.dataset.action](current())));
}

function showKind() {
  const note = checked("kind") === "note";
  $("answer-form").classList.toggle("as-note", note);
  $("answer-send").textContent = note ? "Add note" : "Send reply";
  $("draft").hidden = note;
  $("kind-hint").textContent = note ? "Stays in Help Scout; nobody is texted" : "Goes to the supporter’s phone";
}
for (const radio of document.querySelectorAll('input[name="kind"]')) radio.addEventListener("change", showKind);
showKind();

async function answer(extra) {
  const [html, attachments] = [escapeHtml($("answer-body").value.trim()), answerFiles.get()];
  if (!html && !attachments.length) return;
  const sent = await attempt(() => play(checked("kind"), { conversation: selected, html, attachments, ...extra }));
  if (!sent) return;
  $("answer-body").value = "";
  answerFiles.clear();
  toEnd($("threads"));
}
$("answer-form").addEventListener("submit", (event) => { event.preventDefault(); answer({}); });
$("draft").addEventListener("click", () => answer({ state: "draft" }));
$("answer-body").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("answer-form").requestSubmit();
});
$("inbox").addEventListener("change", showInbox);

// Faults, requests, e-mails.

const active = (service) => state.faults[service] ?? [];
const matches = (wanted, rule) => Object.entries(wanted).every(([name, value]) => name === "times" || JSON.stringify(rule[name]) === JSON.stringify(value));

function showFault({ name, group, service, wanted, id, on }) {
  if (group) return h("li", { class: "group" }, group);
  const toggle = () => attempt(() => on ? call("DELETE", `/_faults/${service}/${id}`) : call("POST", `/_faults/${service}`, wanted));
  return h("li", {}, h("button", { type: "button", role: "switch", "data-focus": "switch", "aria-checked": on, onclick: toggle }, name));
}

function showFaults() {
  const others = new Set([...active("helpscout"), ...active("twilio")]);
  const rows = FAULTS.flatMap(([service, name, wanted], index) => {
    const rule = active(service).find((rule) => matches(wanted, rule));
    const row = { name, service, wanted, id: rule?.id, on: Boolean(rule) };
    const starts = FAULTS[index - 1]?.[0] !== service;
    if (rule) others.delete(rule);
    return starts ? [{ group: service === "twilio" ? "Twilio" : "Help Scout" }, row] : [row];
  });
  for (const rule of others) {
    const service = active("twilio").includes(rule) ? "twilio" : "helpscout";
    rows.push({ name: `${service}: ${JSON.stringify({ ...rule, id: undefined })}`, service, id: rule.id, on: true });
  }
  reconcile($("faults"), rows, (row) => row.group ?? `${row.service} ${row.name}`, showFault);
  const on = active("twilio").length + active("helpscout").length;
  $("clear-faults").disabled = on === 0;
  write($("faults-on"), on ? `${on} on` : "");
}
$("clear-faults").addEventListener("click", () => attempt(() => Promise.all(["twilio", "helpscout"].map((service) => call("DELETE", `/_faults/${service}`)))));

// The tools beside the inbox. Where the window has no room for them they are a drawer.
const TOOLS = ["faults", "program"];
const showProgram = programPane({ api: programApi, phone: () => $("phone-number").value });

function showTool(tool) {
  document.querySelector(`input[name="tool"][value="${tool}"]`).checked = true;
  for (const it of TOOLS) $(`tool-${it}`).hidden = it !== tool;
}
for (const radio of document.querySelectorAll('input[name="tool"]')) radio.addEventListener("change", () => showTool(radio.value));

const isOpen = () => $("bench").classList.contains("open");
function openBench(open) {
  $("bench").classList.toggle("open", open);
  for (const tool of TOOLS) $(`open-${tool}`).setAttribute("aria-expanded", open && checked("tool") === tool);
  $(open ? "close-bench" : `open-${checked("tool")}`).focus();
}
for (const tool of TOOLS) {
  $(`open-${tool}`).addEventListener("click", () => {
    const isShown = isOpen() && checked("tool") === tool;
    showTool(tool);
    openBench(!isShown);
  });
}
$("close-bench").addEventListener("click", () => openBench(false));
$("bench").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && isOpen()) openBench(false);
});

$("enable").addEventListener("click", () => attempt(() => play("enable_webhooks", {})));

/** Gives requests a key that stays theirs while newer ones come. */
function keyed(requests) {
  const seen = new Map();
  return requests.toReversed().map((request) => {
    const name = `${request.at} ${request.method} ${request.target}`;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return { ...request, key: `${name} ${seen.get(name)}` };
  }).reverse();
}

function showRequest({ service, method, target, status, at }) {
  const path = decodeURIComponent(target.split("?")[0]).replace(/^\/(v2|2010-04-01\/Accounts\/AC\w+)/, "").replace(/\d{5,}(?=\d{4})/g, "…");
  return h("li", { title: `${clock(at)} ${method} ${target}` },
    h("span", { class: "who" }, service === "twilio" ? "Twilio" : "Help Scout"), h("span", { class: "target" }, `${method} ${path}`),
    h("span", { class: `code ${status >= 400 ? "bad" : ""}` }, status ? String(status) : "…"));
}

function showBench() {
  showFaults();
  reconcile($("requests"), keyed(state.requests), (request) => request.key, showRequest);
  const emails = state.helpscout.emails.map((email) => ({ ...email, key: `${email.at} ${email.thread}` }));
  reconcile($("emails"), emails, (email) => email.key, ({ at, to, html }) =>
    h("li", {}, h("span", { class: "who" }, clock(at)), h("span", { class: "target" }, to), h("span", { class: "who" }, inOneLine(html).slice(0, 24))));
  const off = state.helpscout.webhooks.some((hook) => hook.state !== "enabled");
  const waiting = state.helpscout.webhooks_waiting ?? 0;
  $("health").classList.toggle("bad", off);
  $("enable").hidden = !off;
  if (!$("tool-program").hidden) showProgram(numbers());
  write($("health"), off ? "Help Scout has disabled the webhook" : waiting ? `${waiting} webhooks waiting` : "Webhooks delivered");
}

// The pulse.

for (const log of document.querySelectorAll("[role=log]")) followEnd(log);

let reading = null;
async function refresh() {
  reading ??= (async () => {
    try {
      state = await call("GET", "/_play/state");
      showPhone();
      showInbox();
      showBench();
    } finally {
      reading = null;
    }
  })();
  return reading;
}

async function pulse() {
  try {
    await refresh();
  } catch {
    write($("health"), "The emulator does not answer");
    $("health").classList.add("bad");
  }
  setTimeout(pulse, POLL_MS);
}
pulse();
