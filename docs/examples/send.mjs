// Sends a text by Ringside, waits until it has arrived, and prints why. It needs Node 18 or newer, and no package.
//   RINGSIDE_URL=https://YOUR-WORKER RINGSIDE_KEY=rk_… node send.mjs VOTERS +15550100123 "Your ballot was received."
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const { RINGSIDE_URL, RINGSIDE_KEY } = process.env;
const [hotline, to, body] = process.argv.slice(2);
const ENDS = ["delivered", "read", "failed", "refused", "expired", "canceled", "unknown"];

async function api(path, request = {}) {
  const headers = { authorization: `Bearer ${RINGSIDE_KEY}`, "content-type": "application/json", ...request.headers };
  const answer = await fetch(`${RINGSIDE_URL}/v1${path}`, { ...request, headers });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${said.code}: ${said.detail}`);
  return said;
}

// Send it again with the same key if the answer is lost: one text is sent.
const headers = { "idempotency-key": randomUUID() };
const text = JSON.stringify({ hotline, to, class: "service", body });
let message = await api("/messages", { method: "POST", headers, body: text });
while (!ENDS.includes(message.status)) {
  await sleep(1000);
  message = await api(`/messages/${message.id}`);
}
console.log(message.status, message.decision.detail);
const why = message.id ? await api(`/messages/${message.id}/why`) : { data: [] };
for (const { at, outcome, detail } of why.data) console.log(at, outcome, detail);
