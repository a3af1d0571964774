// npm's `standardwebhooks` says of each delivery whether a program believes it: true, or why not.
import { Webhook } from "standardwebhooks";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const deliveries = JSON.parse(Buffer.concat(chunks).toString());

// Its clock is the one of this machine; a story has its own.
const verify = ({ secret, id, timestamp, signature, body, now }) => {
  const real = Date.now;
  Date.now = () => now;
  try {
    new Webhook(secret).verify(body, { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signature });
    return "good";
  } catch (error) {
    return error.message;
  } finally {
    Date.now = real;
  }
};
process.stdout.write(JSON.stringify(deliveries.map(verify)));
