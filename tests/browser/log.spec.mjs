// The log: it stays where the agent reads, and says who spoke and when to everybody.
import { AT_EACH_WIDTH, SAM, answerTo, expect, test } from "./stand.mjs";

const fromEnd = (log) => log.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight);

/** The sidebar becomes so many pixels wide, as when an agent drags Help Scout's edge. */
const widen = (page, width) => page.locator("#app").evaluate((it, width) => (it.style.width = `${width}px`), width);

/** Opens a log that is longer than the sidebar; it begins at its end. */
async function openLong(page, stand) {
  const talk = await stand.firstContact(SAM, "Hello");
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) await stand.text(SAM, `Text ${number}. ${"Where do I vote? ".repeat(6)}`);
  await stand.settled(SAM);
  const app = await stand.open(page, talk);
  const log = app.getByRole("log");
  await expect.poll(() => fromEnd(log)).toBeLessThan(2);
  return { app, log };
}

test("at another width the log stays at its end, or at what was read", AT_EACH_WIDTH, async ({ page, stand, width }) => {
  const { app, log } = await openLong(page, stand);
  for (const other of [width - 40, width + 60, width]) {
    await widen(page, other);
    await expect.poll(() => fromEnd(log), `${other} px`).toBeLessThan(2);
  }
  const read = app.getByRole("listitem").filter({ hasText: "Text 3." });
  const top = () => read.evaluate((it) => it.getBoundingClientRect().top - it.closest("#log").getBoundingClientRect().top);
  await read.evaluate((it) => {
    const log = it.closest("#log");
    log.scrollTop += it.getBoundingClientRect().top - log.getBoundingClientRect().top;
    // A page hears of a scroll with the next frame; nobody drags an edge within the same.
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
  // The browser scrolls by whole pixels.
  await expect.poll(async () => Math.abs(await top())).toBeLessThan(1);
  for (const other of [width - 40, width + 60]) {
    await widen(page, other);
    await expect.poll(async () => Math.abs(await top()), `${other} px`).toBeLessThan(3);
  }
});

test("while an edge is dragged from frame to frame the log stays at its end", async ({ page, stand, width }) => {
  const { log } = await openLong(page, stand);
  await page.locator("#app").evaluate(async (it, width) => {
    for (const wider of [60, 40, 20, 0, -20, -40, 50, -40, 50, -40, 50, -40, 0]) {
      it.style.width = `${width + wider}px`;
      // Between two frames, so that the page hears of its own scrolling when the width is another one already.
      await new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
    }
  }, width);
  await expect.poll(() => fromEnd(log)).toBeLessThan(2);
});

test("who spoke is said to those who do not see the sides of the log", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  await stand.reply(talk, "<p>At the town hall</p>");
  const app = await stand.open(page, talk);
  await expect(app.getByRole("listitem").filter({ hasText: "Where do I vote?" })).toContainText("They wrote");
  const reply = app.getByRole("listitem").filter({ hasText: "At the town hall" });
  await expect(reply).toContainText("Ada Byron");
  await expect(reply).not.toContainText("They wrote");
});

test("a text of the day before yesterday says its time of day", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await page.route(/timeline$/, async (route) => {
    const answer = await (await answerTo(route)).json();
    const at = new Date(Date.now() - 51 * 3_600_000).toISOString();
    return route.fulfill({ json: { ...answer, entries: answer.entries.map((it) => ({ ...it, at })) } });
  });
  const app = await stand.open(page, talk);
  await expect(app.locator("time").first()).toHaveText(/^2 days ago, \d{1,2}:\d{2}/);
});

test("on a computer whose clock is wrong, times are the server's", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await page.addInitScript(() => {
    const [Real, skew] = [Date, 2 * 3_600_000];
    globalThis.Date = class extends Real {
      constructor(...all) {
        super(...(all.length > 0 ? all : [Real.now() + skew]));
      }
      static now() {
        return Real.now() + skew;
      }
    };
  });
  const app = await stand.open(page, talk);
  await expect(app.locator("time").first()).toHaveText(/just now|min ago/);
});
