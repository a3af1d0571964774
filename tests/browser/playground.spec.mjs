// The playground page: room for everything at the usual sizes of a window, and panes that stay at the newest.
import { SAM, expect, test } from "./stand.mjs";

const MAX_PHONE = "+15550100101";
// The drawer ends here.
const WIDE = 1_500;
// 640 × 360 is what 1280 × 720 comes to at a zoom of 200 %.
const SIZES = [[640, 360], [800, 600], [1_024, 768], [1_280, 720], [1_440, 900], [1_500, 950], [1_920, 1_080]];

const near = (log) => log.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight);
const expectNewest = (log) => expect.poll(() => near(log)).toBeLessThan(2);

/** A conversation with more texts and pictures than any pane can show. */
async function talk(stand) {
  const conversation = await stand.firstContact(SAM, "Where do I vote?");
  await stand.texts(SAM, 24);
  await stand.reply(conversation, "<p>At the town hall</p>");
  await stand.until("the reply", ({ phones }) => phones[SAM].some((it) => it.body === "At the town hall" && it.status === "delivered"));
  return conversation;
}

/** The frame of the app has come, with the height that it asks for. */
const settle = (page) => expect(page.frameLocator("iframe.app").locator("#sidebar:not([aria-busy])")).toBeVisible();

test("the conversation has room at every size of the window", async ({ page, stand }, info) => {
  await talk(stand);
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    await page.goto(stand.emulator);
    await settle(page);
    const size = `${width} × ${height}`;
    const conversation = await page.locator("#conversation").boundingBox();
    expect(conversation.width, `width at ${size}`).toBeGreaterThanOrEqual(380);
    const [app, desk] = [await page.locator("iframe.app").boundingBox(), await page.locator(".desk").boundingBox()];
    expect(app.x + app.width, `the sidebar is whole at ${size}`).toBeLessThanOrEqual(desk.x + desk.width);
    for (const pane of ["#threads", "#bubbles"]) {
      expect((await page.locator(pane).boundingBox()).height, `height of ${pane} at ${size}`).toBeGreaterThanOrEqual(200);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `sideways at ${size}`).toBeLessThanOrEqual(0);
    await page.screenshot({ path: info.outputPath(`playground-${width}x${height}.png`) });
    const [open, switches] = [page.locator("#open-faults"), page.getByRole("switch")];
    if (width >= WIDE) {
      await expect(open).toBeHidden();
    } else {
      expect((await open.boundingBox()).height, `the button is one line at ${size}`).toBeLessThan(40);
      await expect(switches.first(), `the bench is away at ${size}`).toBeHidden();
      await open.click();
      await expect(open).toHaveAttribute("aria-expanded", "true");
    }
    await switches.first().click();
    await expect(switches.first()).toHaveAttribute("aria-checked", "true");
    await page.screenshot({ path: info.outputPath(`bench-${width}x${height}.png`) });
    await page.getByRole("button", { name: "Mend all" }).click();
    await expect(switches.first()).toHaveAttribute("aria-checked", "false");
  }
});

test("a fault that is on is told of while its switch is out of sight", async ({ page, stand }) => {
  await page.setViewportSize({ width: 1_280, height: 720 });
  await page.goto(stand.emulator);
  await page.getByRole("button", { name: "Break something" }).click();
  await page.getByRole("switch", { name: "Twilio is down" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("switch").first()).toBeHidden();
  await expect(page.getByRole("button", { name: "Break something" })).toBeFocused();
  await expect(page.getByRole("button", { name: "Break something" })).toContainText("1 on");
});

test("panes stay at the newest, whatever changes, until somebody reads further up", async ({ page, stand }) => {
  await page.setViewportSize({ width: 1_440, height: 900 });
  const conversation = await talk(stand);
  await page.goto(stand.emulator);
  await settle(page);
  const panes = [page.locator("#threads"), page.locator("#bubbles")];
  const newest = async () => {
    for (const pane of panes) await expectNewest(pane);
  };
  await newest();
  // A narrower and lower window breaks lines anew.
  for (const [width, height] of [[1_180, 640], [1_920, 1_080], [1_280, 720]]) {
    await page.setViewportSize({ width, height });
    await newest();
  }
  await stand.text(SAM, "Look ".repeat(80));
  await expect(page.locator("#threads").getByText("Look Look").last()).toBeInViewport();
  await newest();
  // Another phone that rings takes room from this one.
  await stand.farEnd(MAX_PHONE, { kind: "by_hand" });
  await stand.play("POST", "/_play/call", { from: "+15550100133", to: "+15550100001" });
  await expect(page.locator("#elsewhere li").first()).toBeVisible();
  await newest();
  // A higher box to write in takes room from the conversation.
  await page.locator("#answer-body").evaluate((it) => (it.style.height = "160px"));
  await newest();
  // A state that changes is no new entry.
  await stand.reply(conversation, "<p>Until eight</p>");
  await expect(page.locator("#bubbles").getByText("Until eight")).toBeInViewport();
  await newest();
  await page.locator("#threads").evaluate((it) => (it.scrollTop = 0));
  await stand.text(SAM, "Thanks");
  await expect(page.locator("#threads").getByText("Thanks")).toBeAttached();
  await expect(page.locator("#threads").getByText("Where do I vote?")).toBeInViewport();
  // What is written here is shown, wherever one has read.
  await page.locator("#answer-body").fill("You are welcome");
  await page.getByRole("button", { name: "Send reply" }).click();
  await expect(page.locator("#threads").getByText("You are welcome")).toBeInViewport();
});
