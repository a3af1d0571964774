// Browsers, people and addresses that are not as one would wish.
import { SAM, answerTo, expect, expectToFit, test } from "./stand.mjs";

const tell = (page, context) => page.evaluate((it) => frames[0].postMessage(it, "*"), { type: "SEND_APP_CONTEXT", ...context });
const bodies = async (stand) => (await stand.state()).phones[SAM].map((it) => it.body);

for (const [name, spoil] of [
  ["without AbortSignal.timeout (Safari 15)", () => { AbortSignal.timeout = undefined; }],
  ["without crypto.randomUUID (Safari 15.3, browsers in apps)", () => { delete Crypto.prototype.randomUUID; }],
  ["without random values at all", () => { Object.defineProperty(window, "crypto", { value: undefined }); }],
  ["without sheets made by script (Safari 16.3)", () => { globalThis.CSSStyleSheet = undefined; }],
  ["without ResizeObserver", () => { delete globalThis.ResizeObserver; }],
  ["that streams no WebAssembly (Safari 14)", () => { delete WebAssembly.instantiateStreaming; }],
  ["that knows no language and writes no dates", () => { Intl.DateTimeFormat = function () { throw new RangeError("Incorrect locale information provided"); }; }],
  ["that keeps nothing (cookies and storage blocked)", () => {
    const denied = { get: () => { throw new DOMException("Access is denied for this document.", "SecurityError"); } };
    for (const name of ["sessionStorage", "localStorage", "indexedDB"]) Object.defineProperty(window, name, denied);
    Object.defineProperty(Document.prototype, "cookie", denied);
  }],
  ["whose storage is null (Firefox, dom.storage.enabled)", () => { for (const name of ["sessionStorage", "localStorage"]) Object.defineProperty(window, name, { value: null }); }],
  ["whose language is none (en-US@posix)", () => { Object.defineProperty(Navigator.prototype, "language", { get: () => "en-US@posix" }); }],
]) {
  test(`the sidebar works in a browser ${name}`, async ({ page, stand }) => {
    const talk = await stand.firstContact(SAM, "Hello");
    await page.addInitScript(spoil);
    const app = await stand.open(page, talk);
    for (const words of ["Yes", "No"]) {
      await app.getByLabel("Text by SMS").fill(words);
      await app.getByRole("button", { name: "Send", exact: true }).click();
      await expect.poll(() => bodies(stand)).toContain(words);
    }
    await stand.text(SAM, "More");
    await expect(app.getByText("More", { exact: true })).toBeVisible();
  });
}

test("a conversation that is given to another customer shows nobody's name over the number of the first", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  const { customer } = (await stand.state()).helpscout.conversations.find((it) => it.id === talk);
  const app = await stand.open(page, talk);
  await tell(page, { customer: { id: customer.id, firstName: "Sam", lastName: "Poe", emails: [] } });
  await expect(app.locator("header")).toContainText("Sam Poe");
  await tell(page, { customer: { id: 777, firstName: "Bob", lastName: "Other", emails: [{ value: "bob@example.org" }] } });
  await expect(app.getByRole("alert").filter({ hasText: "another customer" })).toBeVisible();
  await expect(app.locator("header")).not.toContainText(/Bob|Sam Poe/);
  await expect(app.getByText("bob@example.org", { exact: false })).toBeHidden();
  await app.getByRole("button", { name: "Open it again" }).click();
  await stand.taken(app);
  await expect(app.getByRole("alert").filter({ hasText: "another customer" })).toBeHidden();
});

test("long addresses fit", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  const sip = "sip:ringgroup.north-east.county-office-front-desk@pbx.example.org";
  await page.route(/timeline$/, async (route) => {
    const answer = await (await answerTo(route)).json();
    return route.fulfill({ json: { ...answer, person: { ...answer.person, readable: sip } } });
  });
  const app = await stand.open(page, talk);
  await expect(app.getByRole("heading")).toHaveText(sip);
  const [right, width] = await app.getByRole("button", { name: "Copy the number" }).evaluate((it) => [it.getBoundingClientRect().right, innerWidth]);
  expect(right, "Copy is in sight").toBeLessThanOrEqual(width);
  await tell(page, { customer: { firstName: "Sam", emails: [{ value: "samantha.poe-harrington@communications.county.example.org" }] } });
  await expect(app.getByText("may also be e-mailed to", { exact: false })).toBeVisible();
  await expectToFit(app);
});

test("a button inside a sentence is told from the words around it by more than its colour", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  const line = () => app.getByRole("button", { name: "Change your phone" }).evaluate((it) => getComputedStyle(it).textDecorationLine);
  expect(await line()).toBe("underline");
  await page.emulateMedia({ forcedColors: "active" });
  expect(await line()).toBe("underline");
});

test("while Twilio cannot be reached, everything that needs it says so, and what happens next", async ({ page, stand, complaints }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.settled(SAM);
  const app = await stand.open(page, talk);
  await stand.play("POST", "/_faults/twilio", { kind: "down" });
  await app.getByRole("button", { name: "Call back" }).click();
  await expect(app.getByText("Twilio cannot be reached, so the call was not started. Please try again in a minute.")).toBeVisible();
  await app.getByRole("button", { name: "Change your phone" }).click();
  await app.getByLabel("Your phone, which rings first").fill("(555) 010-0105");
  await app.getByRole("button", { name: "Save" }).click();
  await expect(app.getByText("Twilio cannot be reached, so the number could not be checked. Please try again in a minute.")).toBeVisible();
  expect(complaints.splice(0)).toEqual(Array(2).fill(expect.stringContaining("status of 503")));
  await app.getByLabel("Text by SMS").fill("At the town hall");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  const waits = app.getByRole("listitem").filter({ hasText: "At the town hall" });
  await expect(waits).toContainText("Waiting to be sent. Twilio cannot be reached. We keep trying, and say here whether it was sent.", { timeout: 40_000 });
  await expectToFit(app);
});
