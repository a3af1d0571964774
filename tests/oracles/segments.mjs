// Counts segments as npm's sms-segments-calculator does: a JSON list of texts comes in, a list of [encoding, segments]
// goes out.

import calculator from "sms-segments-calculator";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const texts = JSON.parse(Buffer.concat(chunks).toString());
const counts = texts.map((text) => {
  const message = new calculator.SegmentedMessage(text);
  return [message.encodingName, message.segmentsCount];
});
console.log(JSON.stringify(counts));
