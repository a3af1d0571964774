// What agents write, as they come to write it: with two clicks, out of a document, in any script, with an input method.
import calculator from "sms-segments-calculator";
import { SAM, answerTo, expect, test } from "./stand.mjs";

const box = (app) => app.getByLabel("Text by SMS");
const button = (app) => app.getByRole("button", { name: "Send", exact: true });
const sent = async (stand) => (await stand.state()).phones[SAM].filter((it) => it.direction === "in").map((it) => it.body);

test("two clicks on Send, or the keys held down, send one text", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  const asked = [];
  await page.route("**/sidebar/messages", async (route) => {
    asked.push(route.request().postDataJSON().text);
    // Longer than any hand takes for its second click.
    await new Promise((wait) => setTimeout(wait, 700));
    await route.fulfill({ response: await answerTo(route) });
  });
  await box(app).fill("Two clicks");
  await button(app).dblclick();
  await expect(box(app)).toHaveValue("");
  await box(app).fill("Held keys");
  // As long as a key is held, it repeats.
  await page.keyboard.down("Control");
  for (let repeat = 0; repeat < 5; repeat += 1) await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  await page.keyboard.up("Control");
  await expect(box(app)).toHaveValue("");
  await box(app).fill("Keys and a click");
  await page.keyboard.press("Control+Enter");
  await button(app).click({ force: true });
  await expect(box(app)).toHaveValue("");
  const all = ["Two clicks", "Held keys", "Keys and a click"];
  expect(asked).toEqual(all);
  await expect.poll(() => sent(stand)).toContain(all[2]);
  expect((await sent(stand)).filter((it) => all.includes(it))).toEqual(all);
});

test("rich text is pasted as its plain text, and arrives so", async ({ page, context, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  const document = await context.newPage();
  await document.setContent(`<h1>Where to <b>vote</b></h1><p style="color:red">The <i>town hall</i>, <a href="https://example.org/map">a map</a>.</p>
    <ul><li>Bring an ID &amp; a pen</li></ul><p>&lt;b&gt;until 8&lt;/b&gt;</p>`);
  await document.keyboard.press("ControlOrMeta+A");
  await document.keyboard.press("ControlOrMeta+C");
  await document.close();
  await box(app).click();
  await page.keyboard.press("ControlOrMeta+V");
  const words = ["Where to vote", "The town hall, a map.", "Bring an ID & a pen", "<b>until 8</b>"];
  await expect(box(app)).toHaveValue(new RegExp(words.join("\\s+")));
  const pasted = await box(app).inputValue();
  await button(app).click();
  await expect(box(app)).toHaveValue("");
  await expect.poll(() => sent(stand)).toContain(pasted);
});

// Letters, signs of two code units, signs joined out of several, letters that join, marks that belong to the letter
// before, and no spaces between words.
const SCRIPTS = ["The town hall is open.", "\u{1f44d}\u{1f3fd} \u{1f468}‍\u{1f469}‍\u{1f467}", "مركز الاقتراع مفتوح", "मतदान केंद्र खुला है", "投票所は開いています"];

test("1,600 characters of many scripts are taken, counted as they are billed, and arrive whole", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await stand.until("the greeting", ({ phones }) => phones[SAM].some((it) => it.direction === "in"));
  // The last one is a letter, since white space at the end is not sent.
  const whole = `${[...`${SCRIPTS.join(" ")} `.repeat(20)].slice(0, 1_599).join("")}x`;
  await box(app).fill(whole);
  const count = await app.locator("#cost").textContent();
  await button(app).click();
  await expect(box(app)).toHaveValue("");
  const arrived = async () => (await sent(stand)).slice(1);
  // The second part leaves when the first is known to have left.
  await expect.poll(async () => (await arrived()).join(" "), { timeout: 60_000 }).toBe(whole);
  const billed = (await arrived()).map((it) => new calculator.SegmentedMessage(it).segmentsCount).reduce((one, other) => one + other);
  expect(count).toBe(`1600 characters, ${billed} texts`);
  // In the timeline it is one entry, as it was written.
  await expect(app.getByRole("listitem").filter({ hasText: whole.slice(0, 60) })).toContainText("Delivered");
});

test("keys that belong to an input method do nothing else, in every field", async ({ page, context, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  const method = await context.newCDPSession(page);
  const compose = (text) => method.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  const asked = [];
  page.on("request", (request) => request.method() !== "GET" && asked.push(request.url()));
  await app.locator("body").evaluate(() => {
    window.keys = [];
    addEventListener("keydown", ({ key, isComposing }) => ["Enter", "Escape"].includes(key) && keys.push(isComposing), true);
  });
  await box(app).click();
  await compose("むずか");
  for (const keys of ["Control+Enter", "Meta+Enter", "Escape"]) await page.keyboard.press(keys);
  await expect(box(app)).toHaveValue("むずか");
  await app.getByRole("button", { name: "Change your phone" }).click();
  const phone = app.getByLabel("Your phone, which rings first");
  await phone.fill("");
  await phone.click();
  await compose("５５５");
  for (const keys of ["Enter", "Escape"]) await page.keyboard.press(keys);
  await expect(phone).toBeVisible();
  await expect(phone).toHaveValue("５５５");
  expect(asked).toEqual([]);
  expect(await app.locator("body").evaluate(() => keys), "each key was one of the word's").toEqual(Array(5).fill(true));
});
