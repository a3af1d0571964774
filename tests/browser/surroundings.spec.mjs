// What is around the sidebar: a frame that is hidden at first or zoomed, extensions that put things into the page, networks that
// answer for us.
import { SAM, answerTo, expect, test } from "./stand.mjs";

const fromEnd = (log) => log.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight);
const heights = (page, app) =>
  Promise.all([page.locator("iframe.app").evaluate((it) => it.clientHeight), app.locator("#sidebar").evaluate((it) => Math.ceil(it.getBoundingClientRect().height) + 1)]);

test("an app that is folded up at first shows its newest entry, as high as it is, once it is unfolded", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.texts(SAM, 12);
  await page.addInitScript(() => {
    if (window !== top) return;
    addEventListener("DOMContentLoaded", () => (document.getElementById("app").style.display = "none"));
  });
  const app = await stand.frame(page, talk);
  await expect(app.locator("#sidebar:not([aria-busy])")).toBeAttached();
  await stand.text(SAM, "The newest");
  await expect(app.getByText("The newest", { exact: true })).toBeAttached();
  await page.locator("#app").evaluate((it) => (it.style.display = ""));
  await expect(app.getByText("The newest", { exact: true })).toBeInViewport();
  await expect.poll(() => fromEnd(app.getByRole("log"))).toBeLessThan(2);
  await expect.poll(async () => { const [frame, content] = await heights(page, app); return frame - content; }).toBe(0);
});

test("in a page that is zoomed the frame does not grow for ever", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  for (const zoom of [0.67, 0.9, 1.1, 1.25, 1.33]) {
    await page.locator("html").evaluate((it, zoom) => (it.style.zoom = zoom), zoom);
    await page.waitForTimeout(300);
    const [first] = await heights(page, app);
    await page.waitForTimeout(500);
    const [then] = await heights(page, app);
    expect(then, `at ${zoom}`).toBe(first);
  }
});

test("what extensions put into the page keeps nothing from working", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await app.locator("body").evaluate((body) => {
    for (const it of body.querySelectorAll("textarea, ol, li, p, section, header, #sidebar")) {
      it.after(Object.assign(document.createElement("grammarly-extension"), { textContent: "" }));
      it.prepend(document.createElement("com-1password-button"));
    }
    // As some of them say it, and as a browser says that a layout takes two frames.
    dispatchEvent(new ErrorEvent("error", { message: "ResizeObserver loop completed with undelivered notifications." }));
  });
  await app.getByLabel("Text by SMS").fill("Yes");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect(app.getByRole("listitem").filter({ hasText: "Yes" })).toContainText("Delivered");
  await stand.text(SAM, "STOP");
  await expect(app.getByText(/They opted out of texts on/)).toBeVisible();
  await expect(app.getByText("An error has stopped", { exact: false })).toBeHidden();
});

test("a network that asks for a login in our place is no answer, and what was written stays", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  let portal = true;
  await page.route("**/sidebar/{timeline,messages}", async (route) => {
    if (portal) return route.fulfill({ contentType: "text/html", body: "<h1>Log in to this network</h1>" });
    return route.fulfill({ response: await answerTo(route) });
  });
  const app = await stand.frame(page, talk);
  await expect(app.getByText("This did not work", { exact: false })).toBeVisible();
  await expect(app.getByText("Hello", { exact: true })).toBeVisible();
  portal = false;
  await stand.taken(app);
  portal = true;
  await app.getByLabel("Text by SMS").fill("Yes");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect(app.getByText("This did not work", { exact: false })).toBeVisible();
  await expect(app.getByLabel("Text by SMS")).toHaveValue("Yes");
  portal = false;
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect(app.getByRole("listitem").filter({ hasText: "Yes" })).toContainText("Delivered");
});
