// The telephone: calling the hotline, phones that ring, what is heard, and calls that are over.

import { h, reconcile, write } from "./dom.js";

const KEYS = [..."123456789*0#"];
const FINAL = ["completed", "busy", "failed", "no-answer", "canceled"];
// How long the button speaks into a recording or a conversation.
const SPEECH_MS = 5_000;
// A silence that nobody notices.
const BRIEF_MS = 700;
const TONES = {
  ringing: "Ringing", beep: "Beep. It records", silence: "Silence", music: "Music", busy: "Busy signal", ended: "The call is over",
};

/** What phones do when the hotline calls them, by the names that the list shows. */
export const FAR_ENDS = {
  by_hand: ["ring here", { kind: "by_hand" }],
  accepts: ["are taken with a 1", { kind: "answers", after_ms: 3_000, presses: [{ digits: "1", after_ms: 3_000 }] }],
  voicemail: ["reach a machine", { kind: "voicemail", after_ms: 6_000 }],
  busy: ["find it busy", { kind: "busy" }],
  no_answer: ["ring unheard", { kind: "no_answer" }],
  invalid: ["cannot be placed", { kind: "invalid" }],
};

const $ = (id) => document.getElementById(id);
const over = (it) => FINAL.includes(it.status);
const incoming = (it) => it.direction !== "inbound";
const rings = (it) => incoming(it) && it.status === "ringing";
const talks = (it) => it.status === "in-progress";
const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

function hearing({ kind, words, index }) {
  if (kind === "said") return h("li", { class: "said" }, words);
  if (kind === "application_error") return h("li", { class: "said bad" }, "An application error has occurred. Goodbye.");
  if (kind === "played") return h("li", {}, words.startsWith("digits:") ? `Keys ${words.slice(7)}` : `Plays ${words.split("/").pop()}`);
  if (kind === "bridged") return h("li", { class: "good" }, `Connected with ${words}`);
  return h("li", { class: kind === "beep" ? "good" : "" }, index === 0 && kind === "ringing" ? "It rings" : TONES[kind]);
}

/** What a call's phone heard, with the number of the other side instead of a sid, and without the moments between documents. */
const lines = (it, calls) => it.heard.map(({ kind, words, at }, index) => ({
  kind, at, index, words: kind === "bridged" ? calls.find((other) => other.sid === words)?.phone ?? "the other side" : words,
})).filter(({ kind, at }, index) => kind !== "silence" || (it.heard[index + 1]?.at ?? Infinity) - at >= BRIEF_MS);

/** Calls of a phone that are over, as entries of its log. */
export function pastCalls(calls, phone) {
  const past = calls.filter((it) => it.phone === phone && over(it));
  return past.map((it) => ({ call: true, at: it.created, key: it.sid, incoming: incoming(it), status: it.status, duration: it.duration, heard: lines(it, calls) }));
}

/** A call that is over; what was heard in it unfolds. */
export function showPastCall({ incoming, status, duration, heard }) {
  const outcome = status === "completed" ? minutes(duration) : incoming && status === "no-answer" ? "missed" : status.replace("-", " ");
  return h("li", { class: "past-call" }, h("details", {},
    h("summary", {}, `${incoming ? "The hotline called" : "Called the hotline"} · ${outcome}`),
    h("ol", { class: "hears" }, heard.filter(({ kind }) => kind !== "ended").map(hearing))));
}

/** The panel of the chosen phone's call, and the phones that ring elsewhere. */
export function telephone({ hotline, call, attempt, phone, choose }) {
  let calls = [];
  const mine = () => calls.findLast((it) => it.phone === phone() && !over(it) && (!incoming(it) || rings(it) || talks(it)));
  const deed = (sid, name, body = {}) => attempt(() => call("POST", `/_play/calls/${sid}/${name}`, body));
  const answer = (it) => { choose(it.phone); deed(it.sid, "answer"); };

  $("call").addEventListener("click", () => attempt(() => call("POST", "/_play/call", { from: phone(), to: hotline })));
  $("call-answer").addEventListener("click", () => answer(mine()));
  $("call-decline").addEventListener("click", () => deed(mine().sid, "decline"));
  $("call-end").addEventListener("click", () => deed(mine().sid, "hang_up"));
  $("call-speak").addEventListener("click", () => deed(mine().sid, "speak", { ms: SPEECH_MS }));
  $("keypad").append(...KEYS.map((digits) =>
    h("button", { type: "button", onclick: () => deed(mine().sid, "press", { digits }) }, digits)));

  function showElsewhere(it) {
    const button = (label, kind, deed) => h("button", { type: "button", class: kind, "data-focus": label, onclick: deed }, label);
    return h("li", { class: it.rings ? "rings" : "" },
      h("span", {}, h("b", {}, it.phone), it.rings ? " rings" : " is in a call"),
      it.rings
        ? [button("Answer", "take", () => answer(it)), button("Decline", "end", () => deed(it.sid, "decline"))]
        : button("Show", "quiet", () => choose(it.phone)));
  }

  /** Shows the calls as they are now. */
  return function show(all, now) {
    calls = all;
    const elsewhere = calls.filter((it) => it.phone !== phone() && (rings(it) || talks(it)));
    reconcile($("elsewhere"), elsewhere.map((it) => ({ sid: it.sid, phone: it.phone, rings: rings(it) })), (it) => it.sid, showElsewhere);
    const it = mine();
    $("call-panel").hidden = !it;
    $("bubbles").hidden = $("text-form").hidden = Boolean(it);
    $("call").disabled = Boolean(it);
    if (!it) return;
    $("call-panel").dataset.state = rings(it) ? "incoming" : it.status;
    write($("call-who"), incoming(it) ? `${it.from === hotline ? "The hotline" : it.from} calls` : `Hotline ${it.to}`);
    write($("call-state"), talks(it) ? minutes(Math.floor((now - it.answered) / 1000)) : incoming(it) ? "Ringing" : "Calling…");
    reconcile($("call-hears"), lines(it, calls), (line) => `${it.sid} ${line.index}`, hearing);
    for (const button of [...$("keypad").children, $("call-speak")]) button.disabled = !talks(it);
    $("call-answer").hidden = $("call-decline").hidden = !rings(it);
    $("keypad").hidden = $("call-speak").hidden = $("call-end").hidden = rings(it);
  };
}
