// Where the widget cannot start, or stops: what was said stays in sight, and words say what to do.
import { SAM, answerTo, expect, expectToFit, test } from "./stand.mjs";

// With a hash of their content in their names.
const SCRIPT = "**/assets/widget.*.js";
const WASM = "**/assets/widget_bg.*.wasm";
const never = () => {};

/** A file comes, but not all of it. */
const half = async (route) => {
  const answer = await answerTo(route);
  const body = await answer.body();
  await route.fulfill({ response: answer, body: body.subarray(0, body.length / 2) });
};

/** The frame around the sidebar is sandboxed with these permissions. */
const sandbox = (page, permissions) =>
  page.addInitScript((permissions) => {
    if (window !== top) return;
    const create = Document.prototype.createElement;
    Document.prototype.createElement = function (name, ...more) {
      const made = create.call(this, name, ...more);
      if (name === "iframe") made.setAttribute("sandbox", permissions);
      return made;
    };
  }, permissions);

/** Words say that the sidebar does nothing, and what does; what was said before is still there. */
async function expectWords(app, said) {
  const words = app.getByRole("alert").filter({ hasText: "use a reply in Help Scout" });
  await expect(words).toBeVisible();
  await expect(words).toContainText(said);
  await expect(words.getByRole("link", { name: "Open it again" })).toBeVisible();
  await expect(app.getByText("Hello", { exact: true })).toBeVisible();
  await expectToFit(app);
  // All of it can be read: the frame is as high as it, or scrolls.
  const reaches = () => app.locator("html").evaluate((it) => {
    const isHigh = it.scrollHeight <= it.clientHeight;
    if (!isHigh) it.scrollTop = it.scrollHeight;
    return isHigh || [it, it.ownerDocument.body].some((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowY));
  });
  await expect.poll(reaches, "its end can be reached").toBe(true);
}

for (const [name, said, prepare] of [
  ["the script is blocked", "has not started", (page) => page.route(SCRIPT, (route) => route.abort())],
  ["the script is cut off", "has not started", (page) => page.route(SCRIPT, half)],
  ["the script never comes", "has not started", (page) => page.route(SCRIPT, never)],
  ["the wasm is blocked", "could not be started", (page) => page.route(WASM, (route) => route.abort())],
  ["the wasm is cut off", "could not be started", (page) => page.route(WASM, half)],
  ["a proxy answers for the wasm", "could not be started", (page) => page.route(WASM, (route) => route.fulfill({ contentType: "text/html", body: "<h1>Blocked</h1>" }))],
  ["the wasm never comes", "has not started", (page) => page.route(WASM, never)],
  ["the hotline never answers", "has not started", (page) => page.route("**/sidebar/timeline", never)],
  ["there is no WebAssembly (Lockdown Mode, a policy)", "needs WebAssembly", (page) => page.addInitScript(() => { delete globalThis.WebAssembly; })],
  ["the device has no memory left for it", "could not be started", (page) =>
    page.addInitScript(() => { for (const name of ["instantiate", "instantiateStreaming"]) WebAssembly[name] = () => Promise.reject(new RangeError("Out of Memory")); })],
  ["the policy of the page forbids WebAssembly (Safari 15)", "could not be started", (page) =>
    page.route("**/helpscout/sidebar**", async (route) => {
      const answer = await answerTo(route);
      const policy = answer.headers()["content-security-policy"].replace("'wasm-unsafe-eval'", "");
      await route.fulfill({ response: answer, headers: { ...answer.headers(), "content-security-policy": policy } });
    })],
  ["the frame runs no script", "has not started", (page) => sandbox(page, "allow-same-origin")],
  ["the frame has no origin", "has not started", (page) => sandbox(page, "allow-scripts")],
  ["the browser fails while it builds the widget", "could not be started", (page) =>
    page.addInitScript(() => { if (window !== top) Node.prototype.cloneNode = () => { throw new TypeError("spoilt"); }; })],
]) {
  test(`words say what to do where ${name}`, async ({ page, stand, complaints, width }, info) => {
    const talk = await stand.firstContact(SAM, "Hello");
    await prepare(page);
    await expectWords(await stand.frame(page, talk), said);
    await page.screenshot({ path: info.outputPath(`words-${width}.png`) });
    complaints.splice(0);
  });
}

test("an error of ours says that the sidebar has stopped, and it can be opened again", async ({ page, stand, complaints }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await app.locator("body").evaluate(() => { Node.prototype.cloneNode = () => { throw new TypeError("spoilt"); }; });
  await stand.text(SAM, "More");
  await expectWords(app, "An error has stopped the sidebar");
  await app.getByRole("link", { name: "Open it again" }).click();
  await stand.taken(app);
  await expect(app.getByText("More", { exact: true })).toBeVisible();
  await expect(app.getByText("An error has stopped", { exact: false })).toBeHidden();
  expect(complaints.splice(0)).not.toEqual([]);
});

test("an error of a browser's extension stops nothing and says nothing", async ({ page, stand, complaints }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await app.locator("body").evaluate(() => {
    setTimeout(() => { throw new Error("an extension's"); });
    Promise.reject(new Error("an extension's"));
  });
  await expect.poll(() => complaints.length).toBe(2);
  await expect(app.getByText("An error has stopped", { exact: false })).toBeHidden();
  complaints.splice(0);
});

test("a widget that comes late takes the words away", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  let come;
  const waits = new Promise((done) => (come = done));
  await page.route(WASM, async (route) => {
    await waits;
    await route.continue();
  });
  const app = await stand.frame(page, talk);
  await expectWords(app, "has not started");
  come();
  await stand.taken(app);
  await expect(app.getByText("has not started", { exact: false })).toBeHidden();
});

for (const permissions of ["allow-scripts allow-same-origin", "allow-scripts allow-same-origin allow-popups"]) {
  test(`in a frame that is sandboxed with ${permissions} everything works`, async ({ page, stand }) => {
    const talk = await stand.firstContact(SAM, "Hello");
    await sandbox(page, permissions);
    const app = await stand.open(page, talk);
    await app.getByLabel("Text by SMS").fill("Yes");
    await app.getByRole("button", { name: "Send", exact: true }).click();
    await expect(app.getByRole("listitem").filter({ hasText: "Yes" })).toContainText("Delivered");
    await app.getByRole("button", { name: "Change your phone" }).click();
    await app.getByLabel("Your phone, which rings first").fill("(555) 010-0105");
    await page.keyboard.press("Enter");
    await expect(app.getByText("Your phone +1 555 010 0105 rings first.", { exact: false })).toBeVisible();
  });
}
