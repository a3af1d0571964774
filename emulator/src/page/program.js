// A program of the organisation: it sends by /v1, and hears what happens by events.

import { h, reconcile, write } from "./dom.js";

const EVENTS_MS = 1_000;
const SHOWN = 100;

const $ = (id) => document.getElementById(id);
const clock = (time) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

function request(hotline) {
  const body = { hotline, to: $("program-to").value.trim(), class: $("program-class").value, body: $("program-body").value };
  return $("program-dry").checked ? { ...body, dry_run: true } : body;
}

/** What a problem document says, with every field that is at fault. */
const problem = ({ code, detail, errors = [] }) => [`${code}: ${detail}`, ...errors.map((it) => `${it.field}: ${it.detail}`)].join("\n");

function outcome({ status, answer }) {
  if (status >= 400) return { bad: true, text: answer?.code ? problem(answer) : `The Worker answers ${status}` };
  const { outcome, detail, until } = answer.decision;
  const when = until ? `, until ${clock(until)}` : "";
  return { bad: outcome === "refuse", text: `${answer.status}${when}: ${detail}${answer.sender ? ` It leaves from ${answer.sender}.` : ""}` };
}

const about = ({ type, data }) => [data.status, data.text ?? data.body, data.number, type === "endpoint.test" ? "a test" : null].filter(Boolean).join(" · ");

function showEvent(event) {
  return h("li", {}, h("details", {},
    h("summary", {}, h("span", { class: "who" }, clock(event.timestamp)), h("b", {}, event.type), h("span", { class: "target" }, about(event))),
    h("pre", {}, JSON.stringify(event, null, 2))));
}

/** Shows the pane, each time that the page is built anew; `api` asks /v1. */
export function programPane({ api, phone }) {
  let key = null;
  let events = [];
  let asked = 0;
  let fault = "";
  let isSending = false;

  const showCurl = () => {
    if (!key) return;
    write($("program-curl"), [
      `curl ${key.url}/messages \\`,
      `  -H ${quoted(`Authorization: Bearer ${key.token}`)} \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -d ${quoted(JSON.stringify(request(key.hotline)))}`,
    ].join("\n"));
  };
  $("program-form").addEventListener("input", showCurl);
  $("program-copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText($("program-curl").textContent);
    write($("program-copy"), "Copied");
    setTimeout(() => write($("program-copy"), "Copy"), 2_000);
  });
  $("program-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSending || !key) return;
    // The button stays enabled: a disabled one would lose the focus.
    isSending = true;
    const { bad, text } = await api("POST", "/messages", request(key.hotline)).then(outcome, ({ message }) => ({ bad: true, text: message }));
    isSending = false;
    $("program-answer").classList.toggle("bad", bad);
    write($("program-answer"), text);
  });

  async function ownKey() {
    const { status, answer } = await api("GET", "");
    if (status === 200) return answer;
    $("program-answer").classList.add("bad");
    write($("program-answer"), answer.error);
    return null;
  }

  async function readEvents() {
    if (Date.now() - asked < EVENTS_MS) return;
    asked = Date.now();
    const last = events.at(-1)?.id;
    const { status, answer } = await api("GET", `/events?limit=100${last ? `&after=${encodeURIComponent(last)}` : ""}`);
    fault = status === 200 ? "" : problem(answer);
    if (status === 200) events = [...events, ...answer.data].slice(-SHOWN);
  }

  return async (phones) => {
    key ??= await ownKey();
    if (!key) return;
    if (!$("program-to").value) {
      $("program-to").value = phone();
      showCurl();
    }
    reconcile($("program-phones"), phones, (number) => number, (number) => h("option", { value: number }));
    await readEvents().catch(({ message }) => (fault = message));
    const items = fault ? [{ id: "fault", fault }] : events.toReversed();
    reconcile($("program-events"), items, (it) => it.id, (it) => it.fault ? h("li", { class: "bad" }, it.fault) : showEvent(it));
  };
}
