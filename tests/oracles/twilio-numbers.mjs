// Buys, finds, points and gives back a number at the emulator through Twilio's own REST client, puts it into a Messaging
// Service, and prints what the client made of the answers as one JSON object.
//
// node twilio-numbers.mjs EMULATOR ACCOUNT_SID AUTH_TOKEN SERVICE_SID

import twilio from "twilio";

const [emulator, accountSid, authToken, service] = process.argv.slice(2);
const hosts = { "api.twilio.com": "/twilio", "messaging.twilio.com": "/messaging", "pricing.twilio.com": "/pricing" };

class ToTheEmulator extends twilio.RequestClient {
  request(options) {
    const url = new URL(options.uri);
    return super.request({ ...options, uri: `${emulator}${hosts[url.hostname]}${url.pathname}${url.search}` });
  }
}

const client = twilio(accountSid, authToken, { httpClient: new ToTheEmulator() });
const refusal = (promise) => promise.then(() => null, ({ status, code }) => ({ status, code }));

const offered = await client.availablePhoneNumbers("US").local.list({ areaCode: 415, smsEnabled: true, limit: 3 });
const phoneNumber = offered[0].phoneNumber;
const price = (await client.pricing.v1.phoneNumbers.countries("US").fetch()).phoneNumberPrices;
const bought = await client.incomingPhoneNumbers.create({ phoneNumber, smsUrl: "https://hotline.example.org/twilio/messages" });
const found = await client.incomingPhoneNumbers.list({ phoneNumber });
const updated = await client.incomingPhoneNumbers(bought.sid).update({ voiceUrl: "https://hotline.example.org/twilio/calls" });
const taken = await refusal(client.incomingPhoneNumbers.create({ phoneNumber }));
const put = await client.messaging.v1.services(service).phoneNumbers.create({ phoneNumberSid: bought.sid });
const twice = await refusal(client.messaging.v1.services(service).phoneNumbers.create({ phoneNumberSid: bought.sid }));
const held = await client.messaging.v1.services(service).phoneNumbers.list();
const pointed = await client.messaging.v1.services(service).update({ inboundRequestUrl: "https://hotline.example.org/twilio/messages" });
const services = await client.messaging.v1.services.list();

console.log(JSON.stringify({
  offered: offered.map((it) => it.phoneNumber),
  price: price.find((it) => it.numberType === "local").currentPrice,
  found: found.map((it) => ({ number: it.phoneNumber, smsUrl: it.smsUrl, voiceUrl: it.voiceUrl, sms: it.capabilities.sms })),
  voiceUrl: updated.voiceUrl,
  taken,
  put: put.phoneNumber,
  twice,
  held: held.map((it) => it.phoneNumber),
  pointed: [pointed.inboundRequestUrl, pointed.useInboundWebhookOnNumber],
  services: services.map((it) => it.sid),
  mobile: await refusal(client.availablePhoneNumbers("US").mobile.list()),
  released: await client.incomingPhoneNumbers(bought.sid).remove(),
  gone: await refusal(client.incomingPhoneNumbers(bought.sid).fetch()),
}));
