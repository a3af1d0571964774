// Browsers, people and addresses that are not as one would wish.
import { ADAS_PHONE, SAM, answerTo, expect, expectToFit, test } from "./stand.mjs";

const tell = (page, context) => page.evaluate((it) => frames[0].postMessage(it, "*"), { type: "SEND_APP_CONTEXT", ...context });
const bodies = async (stand) => (await stand.state()).phones[SAM].map((it) => it.body);

for (const [name, spoil] of [
  ["without AbortSignal.timeout (Safari 15)", () => { AbortSignal.timeout = undefined; }],
  ["whose language is none (en-US@posix)", () => { Object.defineProperty(Navigator.prototype, "language", { get: () => "en-US@posix" }); }],
]) {
  test(`the sidebar works in a browser ${name}`, async ({ page, stand }) => {
    const talk = await stand.firstContact(SAM, "Hello");
    await page.addInitScript(spoil);
    const app = await stand.open(page, talk);
    await app.getByLabel("Text by SMS").fill("Yes");
    await app.getByRole("button", { name: "Send", exact: true }).click();
    await expect.poll(() => bodies(stand)).toContain("Yes");
  });
}

test("a browser without WebAssembly shows what was said, and says that nothing more comes of it", async ({ page, stand, complaints }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await page.addInitScript(() => { delete globalThis.WebAssembly; });
  const app = await stand.frame(page, talk);
  await expect(app.getByRole("alert").filter({ hasText: "This browser cannot run the sidebar" })).toBeVisible();
  await expect(app.getByText("Hello", { exact: true })).toBeVisible();
  await expectToFit(app);
  expect(complaints.splice(0)).not.toEqual([]);
});

test("a page that the browser translates goes on changing", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Por favor, llámeme");
  await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
  await stand.farEnd(SAM, { kind: "by_hand" });
  const app = await stand.open(page, talk);
  // As Google Translate does it: each text node becomes <font><font>words</font></font>, now and later.
  await app.locator("#sidebar").evaluate((root) => {
    const skip = (node) => !node.data.trim() || !node.parentElement || node.parentElement.closest("font, [translate=no], .notranslate, script, style, textarea");
    const change = (from) => {
      const [walker, nodes] = [document.createTreeWalker(from, NodeFilter.SHOW_TEXT), from.nodeType === Node.TEXT_NODE ? [from] : []];
      while (walker.nextNode()) nodes.push(walker.currentNode);
      for (const node of nodes.filter((it) => !skip(it))) {
        const [outer, inner] = [document.createElement("font"), document.createElement("font")];
        inner.textContent = node.data;
        outer.append(inner);
        node.replaceWith(outer);
      }
    };
    change(root);
    const more = (it) => (it.type === "characterData" ? change(it.target) : it.addedNodes.forEach(change));
    new MutationObserver((all) => all.forEach(more)).observe(root, { childList: true, characterData: true, subtree: true });
  });
  await app.getByRole("button", { name: "Call back" }).click();
  await expect(app.getByText("Your phone rings…")).toBeVisible();
  await stand.deed(await stand.ringing(ADAS_PHONE), "answer");
  await expect(app.getByText(/Press \d{4} on your phone/)).toBeVisible();
  await app.getByRole("button", { name: "Cancel" }).click();
  await expect(app.getByText("The call was cancelled")).toBeVisible();
  await stand.text(SAM, "¿Hola?");
  await expect(app.getByText("¿Hola?")).toBeVisible();
  await app.getByLabel("Text by SMS").fill("Sí");
  await expect(app.getByText("2 characters, 1 text")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(app.getByRole("listitem").filter({ hasText: "Sí" })).toContainText("Delivered");
});

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

test("after a wake with a dead socket that looks open, what was missed comes at once", async ({ page, stand }) => {
  let asleep = false;
  let wake;
  const awake = new Promise((resolve) => (wake = resolve));
  // The socket from before the sleep is dead for ever. A page that is slow may ask by itself, so nothing passes during the sleep.
  let sockets = 0;
  let deadSocket = 0;
  await page.routeWebSocket(/\/sidebar\/live/, (socket) => {
    const [server, number] = [socket.connectToServer(), ++sockets];
    const passes = () => !asleep && number > deadSocket;
    socket.onMessage((it) => passes() && server.send(it));
    server.onMessage((it) => passes() && socket.send(it));
  });
  await page.route(/timeline$/, async (route) => {
    if (asleep) await awake;
    await route.fulfill({ response: await answerTo(route) });
  });
  const talk = await stand.firstContact(SAM, "Hello");
  const app = await stand.open(page, talk);
  await stand.text(SAM, "First");
  await expect(app.getByText("First", { exact: true })).toBeVisible();
  [asleep, deadSocket] = [true, sockets];
  await stand.text(SAM, "Slept through");
  await stand.settled(SAM);
  await expect(app.getByText("Slept through", { exact: true })).toBeHidden();
  asleep = false;
  wake();
  await app.locator("body").evaluate(() => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  // By its own clock a silent socket is asked after 25 seconds.
  await expect(app.getByText("Slept through", { exact: true })).toBeVisible({ timeout: 12_000 });
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
