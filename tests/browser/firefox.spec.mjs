// The main ways, in Firefox: what is seen, a text there and back, a call, and a phone that is named.
import { ADAS_PHONE, PIXEL, SAM, expect, expectToFit, test } from "./stand.mjs";

test("an agent sees who it is and what was said, answers, and hears of it", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  await stand.text(SAM, "Look", [{ type: "image/png", base64: PIXEL }]);
  const app = await stand.open(page, talk);
  await expect(app.getByRole("heading", { name: "+1 555 010 0100" })).toBeVisible();
  await expect(app.getByText("Where do I vote?", { exact: true })).toBeVisible();
  await expect.poll(() => app.getByRole("img", { name: "Picture" }).evaluate((it) => it.naturalWidth)).toBe(1);
  await stand.text(SAM, "Are you there?");
  await expect(app.getByText("Are you there?", { exact: true })).toBeVisible();
  await app.getByLabel("Text by SMS").fill("It’s at the town hall");
  await expect(app.locator("#why")).toContainText("With ’ in it");
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(app.getByRole("listitem").filter({ hasText: "town hall" })).toContainText("Delivered");
  await expect(app.getByLabel("Text by SMS")).toHaveValue("");
  await expectToFit(app);
  await expect.poll(() => page.locator("iframe.app").evaluate((it) => it.clientHeight)).toBe(await app.locator("#sidebar").evaluate((it) => Math.ceil(it.getBoundingClientRect().height) + 1));
});

test("an agent calls back, and names another phone", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Please call me");
  await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
  await stand.farEnd(SAM, { kind: "by_hand" });
  const app = await stand.open(page, talk);
  await app.getByRole("button", { name: "Call back" }).click();
  await expect(app.getByText("Your phone rings…")).toBeVisible();
  const first = await stand.ringing(ADAS_PHONE);
  await stand.deed(first, "answer");
  const code = await app.getByText(/^Press \d{4} on your phone/).textContent();
  await stand.deed(first, "press", { digits: code.match(/\d{4}/)[0] });
  await stand.deed(await stand.ringing(SAM), "answer");
  await expect(app.getByText("You are talking")).toBeVisible();
  await app.getByRole("button", { name: "Hang up" }).click();
  await expect(app.getByText(/You talked for 0:\d\d/).first()).toBeVisible();
  await app.getByRole("button", { name: "Change your phone" }).click();
  await app.getByLabel("Your phone, which rings first").fill("(555) 010-0105");
  await page.keyboard.press("Enter");
  await expect(app.getByText("Your phone +1 555 010 0105 rings first.", { exact: false })).toBeVisible();
});

test("without WebAssembly, as a policy may have it, words say what to do", async ({ page, stand, complaints }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await page.addInitScript(() => { delete globalThis.WebAssembly; });
  const app = await stand.frame(page, talk);
  await expect(app.getByText("The sidebar needs WebAssembly", { exact: false })).toBeVisible();
  await expect(app.getByText("Hello", { exact: true })).toBeVisible();
  complaints.splice(0);
});

test("a page whose script is blocked says so by CSS alone", async ({ page, stand, complaints }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await page.route("**/assets/widget.*.js", (route) => route.abort());
  const app = await stand.frame(page, talk);
  await expect(app.getByText("The sidebar has not started", { exact: false })).toBeVisible();
  complaints.splice(0);
});

test("a draft is still there when the agent comes back", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  const app = await stand.open(page, talk);
  await app.getByLabel("Text by SMS").fill("Half a tex");
  await page.reload();
  await stand.taken(app);
  await expect(app.getByLabel("Text by SMS")).toHaveValue("Half a tex");
});
