// Pages and frames that play Help Scout: they are shown nothing, told nothing, and not believed.
import { SAM, answerTo, expect, keepMessages, test } from "./stand.mjs";

const context = (firstName) => ({ type: "SEND_APP_CONTEXT", customer: { firstName, emails: [{ value: "sam@example.org" }] } });

// A message takes a moment from one process to another; what must not happen cannot be waited for.
const A_MOMENT_MS = 500;

/** The page that frames the sidebar, at an origin that is not Help Scout's here. */
const elsewhere = (stand, talk) => stand.host(talk).replace("127.0.0.1", "localhost");

test("Help Scout is believed, and other frames at its own origin or at another are not", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  const app = await stand.open(page, talk);
  const [tell, name] = [(message) => frames[0].postMessage(message, "*"), app.locator("header")];
  await page.evaluate(tell, context("Sam Poe"));
  await expect(name).toContainText("Sam Poe · SMS");
  await expect(app.getByText("may also be e-mailed to sam@example.org.", { exact: false })).toBeVisible();
  // Without a sandbox a frame has the origin of the page that wrote it.
  for (const sandbox of [null, "allow-scripts"]) {
    const origin = await page.evaluate(({ forged, sandbox }) => {
      const script = `parent.frames[0].postMessage(${JSON.stringify(forged)}, "*"); parent.postMessage("forged", "*")`;
      const told = new Promise((done) => addEventListener("message", ({ data, origin }) => data === "forged" && done(origin)));
      const frame = document.createElement("iframe");
      if (sandbox) frame.sandbox = sandbox;
      frame.srcdoc = `<script>${script}</script>`;
      document.body.append(frame);
      return told;
    }, { forged: context("Mallory"), sandbox });
    expect(origin).toBe(sandbox ? "null" : stand.emulator);
  }
  for (const nonsense of [{ type: 7 }, { type: "SEND_APP_STYLES", styles: { a: 1 } }, "{", null, 7]) await page.evaluate(tell, nonsense);
  await page.waitForTimeout(A_MOMENT_MS);
  await expect(name).toContainText("Sam Poe · SMS");
});

test("a page elsewhere that frames the signed address shows nothing of it", async ({ page, stand, complaints }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await page.goto(elsewhere(stand, talk));
  await expect.poll(() => complaints.length).toBeGreaterThan(0);
  expect(complaints.splice(0)).toEqual([expect.stringContaining(`frame-ancestors ${stand.emulator}`)]);
  const framed = await (await page.waitForSelector("iframe.app")).contentFrame();
  await expect.poll(() => framed.url()).toMatch(/^chrome-error:/);
  await expect(page.frameLocator("iframe.app").locator("body")).toHaveText("127.0.0.1 refused to connect.", { useInnerText: true });
});

test("in a browser that minds no policy, a page elsewhere is told nothing, and not believed", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await page.route("**/helpscout/sidebar?*", async (route) => {
    const response = await answerTo(route);
    const { "content-security-policy": _, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  // Chromium takes a page that is answered here for one of the internet, which may open no socket on this machine.
  await page.routeWebSocket(/\/sidebar\/live/, () => {});
  await keepMessages(page);
  await page.goto(elsewhere(stand, talk));
  const app = page.frameLocator("iframe.app");
  await expect(app.getByRole("log")).toBeVisible();
  await page.evaluate((forged) => frames[0].postMessage(forged, "*"), context("Mallory"));
  // Nobody is there who could copy, which the widget sees after three seconds.
  await expect(app.getByRole("button", { name: "Copy the number" })).toBeHidden();
  await expect(app.locator("header")).not.toContainText("Mallory");
  expect(await page.evaluate(() => heard)).toEqual([]);
});
