// Uses the emulator through Twilio's own REST client, and prints what the client made of the answers as one JSON object.
//
// node twilio-client.mjs EMULATOR ACCOUNT_SID AUTH_TOKEN FROM TO

import twilio from "twilio";

const [emulator, accountSid, authToken, from, to] = process.argv.slice(2);
const hosts = { "api.twilio.com": "/twilio", "lookups.twilio.com": "/lookups" };

class ToTheEmulator extends twilio.RequestClient {
  request(options) {
    const url = new URL(options.uri);
    return super.request({ ...options, uri: `${emulator}${hosts[url.hostname]}${url.pathname}${url.search}` });
  }
}

const client = twilio(accountSid, authToken, { httpClient: new ToTheEmulator() });
const refusal = (promise) => promise.then(
  () => ({ refused: false }),
  ({ status, code, message, moreInfo }) => ({ refused: true, status, code, message, moreInfo }),
);
const settled = async (sid) => {
  for (;;) {
    const message = await client.messages(sid).fetch();
    if (!["queued", "sending", "sent"].includes(message.status)) return message;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const created = await client.messages.create({ from, to, body: "Hello from Twilio's own client" });
const fetched = await settled(created.sid);
const more = [];
for (const body of ["two", "three"]) more.push((await client.messages.create({ from, to, body })).sid);
// A message that has not left yet has no date and, of a service, no sender: a list that is filtered by them leaves it out.
await Promise.all(more.map(settled));
const since = new Date(Date.now() - 60_000);
const listed = await client.messages.list({ to, from, dateSentAfter: since, pageSize: 2 });
const others = await client.messages.list({ to: from });
const redacted = await client.messages(created.sid).update({ body: "" });
const removed = await client.messages(created.sid).remove();
const number = await client.lookups.v2.phoneNumbers("(555) 010-0101").fetch({ countryCode: "US" });
const stranger = twilio(accountSid, "wrong", { httpClient: new ToTheEmulator() });

console.log(JSON.stringify({
  created,
  fetched,
  dates: [created.dateCreated, fetched.dateSent].map((date) => date instanceof Date && Math.abs(Date.now() - date) < 60_000),
  made: [created.sid, ...more],
  listed: listed.map((message) => message.sid),
  others: others.length,
  redacted: redacted.body,
  removed,
  gone: await refusal(client.messages(created.sid).fetch()),
  number: { phoneNumber: number.phoneNumber, valid: number.valid, nationalFormat: number.nationalFormat },
  invalid: await refusal(client.messages.create({ from, to: "nobody", body: "x" })),
  stranger: await refusal(stranger.messages.list()),
}));
