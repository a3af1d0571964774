// What is seen with the longest names, with other spacing and other colours, and of names that run the other way.
import { ADAS_PHONE, AT_EACH_WIDTH, SAM, answerTo, expect, expectToFit, test } from "./stand.mjs";

const LONG = {
  number: "sip:ringgroup.north-east.county-office-front-desk@pbx.communications.example.org",
  person: "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh",
  mail: "samantha.poe-harrington.of.the.north.eastern.office@communications.county.example.org",
  agent: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter",
  word: "https://elections.county.example.org/where-do-i-vote/polling-places/north-east/town-hall?language=en#directions",
};

const tell = (page, customer) => page.evaluate((it) => frames[0].postMessage(it, "*"), { type: "SEND_APP_CONTEXT", customer });

/** A timeline of everything, in which whatever can be long is. */
async function longest(page, stand, talk, more = {}) {
  const entry = (id, it) => ({
    id, at: new Date(Date.now() - 50 * 3_600_000), kind: "text", direction: "in", channel: "whatsapp", text: LONG.word, state: null, error: null,
    media: [], agent: LONG.agent, conversation: talk, seconds: null, transcript: null, ...it,
  });
  const file = (mime) => ({ url: `${stand.worker}/media/none`, type: mime, mime });
  const entries = [
    entry("1", { conversation: 77 }),
    entry("2", { direction: "out", state: "failed", error: { code: 30007, reason: "A phone company took this for spam." } }),
    entry("3", { kind: "call", channel: "voice", seconds: 3_725, text: "" }),
    entry("4", { kind: "voicemail", channel: "voice", seconds: 14, text: "", media: [file("audio/mpeg")], transcript: LONG.word }),
    entry("5", { media: [file("application/vnd.openxmlformats-officedocument.wordprocessingml.document")] }),
    entry("6", { direction: "out", state: "delivered", text: "שלום, איפה אני מצביע? +1 555 010 0100" }),
  ];
  await page.route(/timeline$/, async (route) => {
    const answer = await (await answerTo(route)).json();
    const person = { ...answer.person, readable: LONG.number, ...more };
    await route.fulfill({ json: { ...answer, person, entries, earlier: "1" } });
  });
}

async function openLongest(page, stand) {
  const talk = await stand.firstContact(SAM, "Hello");
  await longest(page, stand, talk);
  const app = await stand.open(page, talk);
  await tell(page, { firstName: LONG.person, lastName: LONG.person, emails: [{ value: LONG.mail }] });
  await expect(app.getByText(LONG.mail)).toBeVisible();
  return app;
}

/** Every word and button is within the frame, and none is cut off by the box that it stands in. */
const cutOff = (app) =>
  app.locator("#sidebar").evaluate((root) => {
    const bad = [];
    for (const it of root.querySelectorAll("*")) {
      const { left, right } = it.getBoundingClientRect();
      const unseen = it.closest(".unseen, .fallback, audio");
      if (unseen || right === left) continue;
      if (right > innerWidth + 0.5 || left < -0.5) bad.push(`outside: ${it.outerHTML.slice(0, 120)}`);
      const clips = it.matches("button, h1, p, span, bdi, label, .what, .line, input") && (it.scrollWidth > it.clientWidth + 1 || it.scrollHeight > it.clientHeight + 1);
      if (it.matches("button") && it.getBoundingClientRect().height > 36) bad.push(`more than a line: ${it.outerHTML.slice(0, 120)}`);
      if (clips && it.clientWidth > 0 && getComputedStyle(it).display !== "inline") bad.push(`cut off: ${it.outerHTML.slice(0, 120)}`);
    }
    return bad;
  });

test("the longest names fit", AT_EACH_WIDTH, async ({ page, stand, width }, info) => {
  const app = await openLongest(page, stand);
  await app.locator("#log").evaluate((it) => (it.style.height = "auto"));
  await expectToFit(app);
  expect(await cutOff(app)).toEqual([]);
  await page.setViewportSize({ width: width + 16, height: 2_000 });
  await page.screenshot({ path: info.outputPath(`longest-${width}.png`) });
});

test("with the spacing of WCAG 1.4.12 nothing is cut off", AT_EACH_WIDTH, async ({ page, stand, width }, info) => {
  await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
  const app = await openLongest(page, stand);
  await app.locator("body").evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    document.getElementById("log").style.height = "auto";
  });
  await app.getByLabel("Text by SMS").fill("It’s there");
  await app.getByRole("button", { name: "Change your phone" }).click();
  await expectToFit(app);
  expect(await cutOff(app)).toEqual([]);
  await page.setViewportSize({ width: width + 16, height: 2_600 });
  await page.screenshot({ path: info.outputPath(`spaced-${width}.png`) });
});

test("in forced colours everything still has its border or its underline", AT_EACH_WIDTH, async ({ page, stand, width }, info) => {
  await page.emulateMedia({ forcedColors: "active" });
  const app = await openLongest(page, stand);
  const bare = await app.locator("#sidebar").evaluate((root) => {
    const shown = [...root.querySelectorAll("a, button, input, textarea, .what")].filter((it) => it.getBoundingClientRect().width > 0);
    return shown.filter((it) => {
      const { textDecorationLine, borderTopStyle, borderTopWidth } = getComputedStyle(it);
      return textDecorationLine === "none" && (borderTopStyle === "none" || borderTopWidth === "0px") && !it.querySelector("img");
    }).map((it) => it.outerHTML.slice(0, 120));
  });
  expect(bare).toEqual([]);
  await page.setViewportSize({ width: width + 16, height: 1_200 });
  await page.screenshot({ path: info.outputPath(`forced-${width}.png`) });
});

test("a name that would turn what follows around keeps to itself", AT_EACH_WIDTH, async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await longest(page, stand, talk, { readable: "\u202Esip:eve" });
  const app = await stand.open(page, talk);
  await tell(page, { firstName: "\u202EEve", lastName: "שלום", emails: [{ value: "\u202Eeve@example.org" }] });
  await expect(app.locator("header bdi")).toHaveCount(2);
  await expect(app.locator("bdi").filter({ hasText: "eve@example.org" })).toBeVisible();
  // "SMS" stands behind the name, and is read from left to right.
  const order = await app.locator("header p span").first().evaluate((it) => {
    const [text, range] = [it.firstChild, document.createRange()];
    const left = (at) => { range.setStart(text, at); range.setEnd(text, at + 1); return range.getBoundingClientRect().left; };
    const at = text.data.search(/SMS|WhatsApp/);
    return left(at) < left(at + 1);
  });
  expect(order).toBe(true);
});
