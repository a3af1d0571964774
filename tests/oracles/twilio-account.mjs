// Reads what the doctor reads of an account at the emulator through Twilio's own REST client, and prints what the client made of
// the answers as one JSON object.
//
// node twilio-account.mjs EMULATOR ACCOUNT_SID AUTH_TOKEN SERVICE_SID BRAND_SID LOCAL_NUMBER TOLL_FREE_NUMBER

import twilio from "twilio";

const [emulator, accountSid, authToken, service, brand, local, tollFree] = process.argv.slice(2);
const hosts = {
  "api.twilio.com": "/twilio", "messaging.twilio.com": "/messaging", "voice.twilio.com": "/voice", "routes.twilio.com": "/routes",
  "monitor.twilio.com": "/monitor",
};

class ToTheEmulator extends twilio.RequestClient {
  request(options) {
    const url = new URL(options.uri);
    return super.request({ ...options, uri: `${emulator}${hosts[url.hostname]}${url.pathname}${url.search}` });
  }
}

const client = twilio(accountSid, authToken, { httpClient: new ToTheEmulator() });
const refusal = (promise) => promise.then(() => null, ({ status, code }) => ({ status, code }));

const account = await client.api.v2010.accounts(accountSid).fetch();
const balance = await client.balance.fetch();
const [number] = await client.incomingPhoneNumbers.list({ phoneNumber: tollFree });
const campaigns = await client.messaging.v1.services(service).usAppToPerson.list();
const registered = await client.messaging.v1.brandRegistrations(brand).fetch();
const verifications = await client.messaging.v1.tollfreeVerifications.list({ tollfreePhoneNumberSid: number.sid });
const country = await client.voice.v1.dialingPermissions.countries("US").fetch();
const region = await client.routes.v2.phoneNumbers(local).fetch();
const startDate = new Date(Date.now() - 86_400_000);
const alerts = await client.monitor.v1.alerts.list({ logLevel: "error", startDate });

console.log(JSON.stringify({
  account: [account.sid, account.status, account.type],
  balance: [balance.balance, balance.currency],
  campaigns: campaigns.map((it) => [it.campaignStatus, it.brandRegistrationSid]),
  brand: registered.status,
  verifications: verifications.map((it) => [it.tollfreePhoneNumber, it.status]),
  country: [country.isoCode, country.lowRiskNumbersEnabled],
  region: region.voiceRegion,
  noRegion: await refusal(client.routes.v2.phoneNumbers(tollFree).fetch()),
  alerts: alerts.map((it) => [it.errorCode, it.requestUrl]),
}));
