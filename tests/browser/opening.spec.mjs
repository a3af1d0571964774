// From the page that is served to the widget that takes its place, and on as long as it is open.
import { ADAS_PHONE, AT_EACH_WIDTH, MAX, PIXEL, SAM, expect, test } from "./stand.mjs";

/** Where the parts of the page are, and how high it is. */
const places = (app) =>
  app.locator("#sidebar").evaluate((sidebar) => {
    const parts = ["h1", "section", "button.main", "#log", "section:last-of-type label", "textarea", "section:last-of-type .line", "section:last-of-type > p.quiet"];
    const place = (part) => {
      const { top, height } = sidebar.querySelector(part).getBoundingClientRect();
      return [part, top, height];
    };
    const entries = [...sidebar.querySelectorAll("#log li")].map((it) => [it.innerText, it.getBoundingClientRect().height]);
    return { parts: parts.map(place), entries, height: sidebar.clientHeight };
  });

for (const user of [undefined, MAX]) {
  test(`what was said is there before the widget, which moves nothing (${user ? "an agent without a phone" : "Ada"})`, AT_EACH_WIDTH, async ({ page, stand }) => {
    const talk = await stand.firstContact(SAM, "Where do I vote?");
    await stand.reply(talk, "<p>At the town hall</p>");
    await stand.texts(SAM, 11);
    await stand.text(SAM, "Look", [{ type: "image/png", base64: PIXEL }]);
    await stand.until("the reply", ({ phones }) => phones[SAM].some((it) => it.body === "At the town hall" && it.status === "delivered"));
    await stand.settled(SAM);
    let come;
    const waits = new Promise((done) => (come = done));
    await page.route("**/assets/widget_bg.*.wasm", async (route) => {
      await waits;
      await route.continue();
    });
    const app = await stand.frame(page, talk, user);
    await expect(app.getByRole("heading", { name: "+1 555 010 0100" })).toBeVisible();
    await expect(app.getByText("Look")).toBeInViewport();
    await expect(app.getByRole("listitem").filter({ hasText: "At the town hall" })).toContainText("Delivered");
    await expect(app.locator("button:enabled, textarea:enabled, input:enabled")).toHaveCount(0);
    await expect.poll(async () => (await places(app)).height + 1).toBe(await page.locator("iframe.app").evaluate((it) => it.clientHeight));
    const before = await places(app);
    come();
    await stand.taken(app);
    await expect(app.getByText("Look")).toBeInViewport();
    expect(await places(app)).toEqual(before);
  });
}

test("as long as the hotline cannot be reached the page keeps what it shows, and then goes on", async ({ page, stand, complaints }) => {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  let tries = 0;
  await page.route("**/sidebar/timeline", (route) => ((tries += 1) < 3 ? route.abort() : route.continue()));
  const app = await stand.frame(page, talk);
  await expect(app.getByText("The hotline cannot be reached.", { exact: false })).toBeVisible();
  await expect(app.getByText("Where do I vote?")).toBeVisible();
  await stand.taken(app);
  await expect(app.getByText("The hotline cannot be reached.", { exact: false })).toBeHidden();
  expect(complaints.splice(0)).toEqual(Array(2).fill(expect.stringContaining("ERR_FAILED")));
});

test("a page that is opened during a call shows the call, and a colleague's does not", async ({ page, stand, context }) => {
  const talk = await stand.firstContact(SAM, "Please call me");
  await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
  const app = await stand.open(page, talk);
  const max = await stand.open(await context.newPage(), talk, MAX);
  await app.getByRole("button", { name: "Call back" }).click();
  await stand.deed(await stand.ringing(ADAS_PHONE), "answer");
  const code = await app.getByText(/^Press \d{4} on your phone/).textContent();
  const later = await stand.open(await context.newPage(), talk);
  await expect(later.getByText(code)).toBeVisible();
  await later.getByRole("button", { name: "Cancel" }).click();
  for (const it of [app, later]) await expect(it.getByText("The call was cancelled")).toBeVisible();
  await expect(max.getByRole("listitem").filter({ hasText: "Ada Byron" })).toBeVisible();
  await expect(max.getByText("The call was cancelled", { exact: true })).toBeHidden();
});

test("after a night's sleep the session begins anew, and a text that was begun is sent", async ({ page, stand, complaints }) => {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  const app = await stand.open(page, talk);
  await app.getByLabel("Text by SMS").fill("At the town hall");
  let slept = true;
  await page.route("**/sidebar/messages", (route) => {
    const { authorization, ...others } = route.request().headers();
    const headers = { ...others, authorization: slept ? "Bearer over" : authorization };
    slept = false;
    return route.continue({ headers });
  });
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect(app.getByRole("listitem").filter({ hasText: "At the town hall" })).toContainText("Delivered");
  await expect(app.getByText("This sidebar's session is over.").first()).toBeHidden();
  expect(complaints.splice(0)).toEqual([expect.stringContaining("status of 401")]);
});

test("links in early pages are renewed before they end", async ({ page, stand }) => {
  await page.clock.install();
  const talk = await stand.firstContact(SAM, "Look", [{ type: "image/png", base64: PIXEL }]);
  await stand.texts(SAM, 39);
  const app = await stand.open(page, talk);
  await app.getByRole("button", { name: "Earlier" }).click();
  const picture = app.getByRole("link").filter({ has: app.getByRole("img", { name: "Picture" }) });
  const link = await picture.getAttribute("href");
  await page.clock.fastForward("06:00");
  await expect(picture).not.toHaveAttribute("href", link);
});
