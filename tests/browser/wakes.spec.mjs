// Awake again: after a sleep, a dead network, or a socket that is none, what is new comes at once.
import { ADAS_PHONE, SAM, answerTo, expect, test } from "./stand.mjs";

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
  let underWay = 0;
  await page.route(/timeline$/, async (route) => {
    underWay += 1;
    if (asleep) await awake;
    await route.fulfill({ response: await answerTo(route) });
    underWay -= 1;
  });
  const talk = await stand.firstContact(SAM, "Hello");
  const app = await stand.open(page, talk);
  await stand.text(SAM, "First");
  await expect(app.getByText("First", { exact: true })).toBeVisible();
  // What was asked before the sleep would be answered in it.
  await expect.poll(() => underWay).toBe(0);
  [asleep, deadSocket] = [true, sockets];
  await stand.text(SAM, "Slept through");
  await stand.settled(SAM);
  await expect(app.getByText("Slept through", { exact: true })).toBeHidden();
  asleep = false;
  wake();
  await app.locator("body").evaluate(() => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  // By its own clock a silent socket is asked after 25 seconds.
  await expect(app.getByText("Slept through", { exact: true })).toBeVisible({ timeout: 20_000 });
});


/** The computer slept in front of a page that stays in sight: no event tells of it, its clock has jumped, and its socket is dead. */
test("after a sleep of which no event tells, the clock that jumped does", async ({ page, stand }) => {
  await page.clock.install();
  let sockets = 0;
  let deadSocket = 0;
  await page.routeWebSocket(/\/sidebar\/live/, (socket) => {
    const [server, number] = [socket.connectToServer(), ++sockets];
    socket.onMessage((it) => number > deadSocket && server.send(it));
    server.onMessage((it) => number > deadSocket && socket.send(it));
  });
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await stand.text(SAM, "First");
  await expect(app.getByText("First", { exact: true })).toBeVisible();
  deadSocket = sockets;
  await stand.text(SAM, "Slept through");
  await stand.settled(SAM);
  // Longer than a look at the clock may be late, and shorter than a silent socket is left alone.
  await page.clock.fastForward(15_000);
  await page.clock.runFor(6_000);
  await expect(app.getByText("Slept through", { exact: true })).toBeVisible();
  expect(sockets).toBeGreaterThan(1);
});

for (const [name, answers] of [["never opens", false], ["opens and swallows everything", true]]) {
  test(`where a socket ${name}, what is new is read, and it is said that it comes late`, async ({ page, stand }) => {
    await page.clock.install();
    let underWay = 0;
    await page.route(/timeline$/, async (route) => {
      underWay += 1;
      await route.fulfill({ response: await answerTo(route) }).catch(() => {});
      underWay -= 1;
    });
    const talk = await stand.firstContact(SAM, "Hello");
    await page.addInitScript((opens) => {
      if (window === top) return;
      // A socket as a proxy leaves it that lets WebSockets hang.
      window.WebSocket = class extends EventTarget {
        static [Symbol.hasInstance] = () => true;
        readyState = 0;
        protocol = "ringside.v1";
        constructor() {
          super();
          window.opened = (window.opened ?? 0) + 1;
          if (opens) setTimeout(() => { this.readyState = 1; this.dispatchEvent(new Event("open")); });
        }
        send() {}
        close() { this.readyState = 3; }
      };
    }, answers);
    const app = await stand.open(page, talk);
    await page.clock.runFor(20_000);
    await expect(app.getByText("Offline", { exact: false })).toBeVisible();
    await stand.text(SAM, "By hand");
    await stand.settled(SAM);
    for (let tries = 0; tries < 6; tries += 1) {
      await page.clock.runFor(12_000);
      // By the page's clock a moment of the server would be longer than anybody waits for an answer.
      await expect.poll(() => underWay).toBe(0);
      await page.waitForTimeout(200);
    }
    await expect(app.getByText("By hand", { exact: true })).toBeVisible();
    // Each try waits longer than the one before.
    expect(await app.locator("body").evaluate(() => window.opened)).toBeLessThan(12);
  });
}

test("a draft and a running call survive a wake", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Please call me");
  await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
  const sockets = [];
  await page.routeWebSocket(/\/sidebar\/live/, (socket) => {
    sockets.push(socket);
    socket.connectToServer();
  });
  const app = await stand.open(page, talk);
  await app.getByLabel("Text by SMS").fill("Half a tex");
  await app.getByRole("button", { name: "Call back" }).click();
  await stand.deed(await stand.ringing(ADAS_PHONE), "answer");
  const code = await app.getByText(/^Press \d{4} on your phone/).textContent();
  await sockets.at(-1).close({ code: 4000 });
  await app.locator("body").evaluate(() => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await expect.poll(() => sockets.length).toBeGreaterThan(1);
  await expect(app.getByText("Offline", { exact: false })).toBeHidden();
  await expect(app.getByText(code)).toBeVisible();
  await expect(app.getByLabel("Text by SMS")).toHaveValue("Half a tex");
  await app.getByRole("button", { name: "Cancel" }).click();
  await expect(app.getByText("The call was cancelled")).toBeVisible();
});
