// Receives webhooks and lets Twilio's own library judge their signatures.
//
// node twilio-signatures.mjs AUTH_TOKEN
// Prints its address, then for every request one line of JSON: target, params, and whether the signature is good with
// the token, and with another token.

import { createServer } from "node:http";
import twilio from "twilio";

const [token] = process.argv.slice(2);

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  const params = Object.fromEntries([...form.keys()].map((name) => [name, form.getAll(name)]));
  const url = `http://${request.headers.host}${request.url}`;
  const judge = (key) => twilio.validateRequest(key, request.headers["x-twilio-signature"] ?? "", url, params);
  console.log(JSON.stringify({ target: request.url, params, good: judge(token), good_with_another: judge(`${token}x`) }));
  response.writeHead(200, { "content-type": "text/xml" }).end("<Response/>");
});

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
