// Reads documents, a JSON array, from standard input; writes what is wrong with them by the types of npm twilio's
// VoiceResponse: elements, which may stand in which, attributes, and their values.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const home = dirname(createRequire(import.meta.url).resolve("twilio/package.json"));
const types = readFileSync(join(home, "lib/twiml/VoiceResponse.d.ts"), "utf8");

/** The words that a string type allows. */
const words = new Map();
for (const [, name, values] of types.matchAll(/type (\w+) = ((?:"[^"]*"(?: \| )?)+);/g)) {
  words.set(name, new Set([...values.matchAll(/"([^"]*)"/g)].map(([, word]) => word)));
}

/** The attributes of an element, with the names of their types. */
const attributes = new Map();
for (const [, name, body] of types.matchAll(/interface (\w+)Attributes \{([\s\S]*?)\n    \}/g)) {
  const fields = [...body.matchAll(/^\s+'?([\w-]+)'?\?: ([^;]+);/gm)].map(([, field, type]) => [field, type]);
  attributes.set(name, new Map(fields));
}

/** What may stand in an element: the methods of its class. */
const children = new Map();
for (const [, name, body] of types.matchAll(/class (\w+) extends TwiML \{([\s\S]*?)\n {0,4}\}/g)) {
  const element = name === "VoiceResponse" ? "Response" : name;
  const made = [...body.matchAll(/: VoiceResponse\.(\w+);/g)].map(([, child]) => child);
  children.set(element, new Set([...(children.get(element) ?? []), ...made]));
}

function complaints(document) {
  const found = [];
  const open = [];
  for (const [, end, name, fields, empty] of document.matchAll(/<(\/?)(\w+)((?:\s[\w-]+="[^"]*")*)\s*(\/?)>/g)) {
    if (end) {
      if (open.pop() !== name) found.push(`</${name}> ends nothing`);
      continue;
    }
    const parent = open.at(-1);
    if (parent ? !children.get(parent)?.has(name) : name !== "Response") found.push(`<${name}> in ${parent ?? "nothing"}`);
    for (const [, field, value] of (fields ?? "").matchAll(/([\w-]+)="([^"]*)"/g)) {
      found.push(...wrong(name, field, value));
    }
    if (!empty) open.push(name);
  }
  if (open.length) found.push(`<${open.at(-1)}> never ends`);
  return found;
}

function wrong(name, field, value) {
  const type = attributes.get(name)?.get(field);
  if (!type) return [`${name} has no ${field}`];
  const list = type.endsWith("[]");
  const base = type.replace("[]", "");
  const good = (word) =>
    base === "number" ? /^\d+$/.test(word)
    : base === "boolean" ? /^(true|false)$/.test(word)
    : base === "string" || words.get(base)?.has(word);
  return (list ? value.split(" ") : [value]).every(good) ? [] : [`${name} ${field}="${value}" is no ${type}`];
}

let input = "";
for await (const piece of process.stdin) input += piece;
console.log(JSON.stringify(JSON.parse(input).map(complaints)));
