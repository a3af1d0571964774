// Recordings: they stay where somebody listens, as long as their links last and beyond.
import { readFileSync } from "node:fs";
import { SAM, expect, test } from "./stand.mjs";

const VOICE = [{ type: "audio/wav", base64: readFileSync(new URL("../../static/assets/ringing.wav", import.meta.url)).toString("base64") }];

/** Somebody has listened to the half of it, and stopped. */
async function stopInTheMiddle(player) {
  await expect(player).toBeVisible();
  await player.evaluate(async (it) => {
    const once = (name) => new Promise((go) => it.addEventListener(name, go, { once: true }));
    Object.assign(it, { muted: true, preload: "auto" });
    it.load();
    await once("canplaythrough");
    it.currentTime = it.duration / 2;
    await once("seeked");
  });
  const at = await player.evaluate((it) => it.currentTime);
  expect(at).toBeGreaterThan(1);
  return at;
}

const placeOf = (player) => player.evaluate((it) => it.currentTime);
/** Links are made to the second. */
const anotherSecond = (page) => page.waitForTimeout(1_200);

test("a recording that is stopped in the middle stays there when its link is fresh", async ({ page, stand }) => {
  const sockets = [];
  await page.routeWebSocket(/\/sidebar\/live/, (socket) => {
    sockets.push(socket);
    socket.connectToServer();
  });
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.text(SAM, "Listen", VOICE);
  const app = await stand.open(page, talk);
  const player = app.getByLabel("Recording");
  const at = await stopInTheMiddle(player);
  const link = await player.getAttribute("src");
  await anotherSecond(page);
  // A moment without a network makes the page read the links anew.
  await sockets[0].close({ code: 4000 });
  await expect.poll(() => sockets.length).toBeGreaterThan(1);
  await expect(app.getByText("Offline", { exact: false })).toBeHidden();
  await stand.text(SAM, "And?");
  await expect(app.getByText("And?", { exact: true })).toBeVisible();
  expect(await placeOf(player)).toBe(at);
  await expect(player).toHaveAttribute("src", link);
});

test("when its link has ended it is at the same place with a new one", async ({ page, stand }) => {
  await page.clock.install();
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.text(SAM, "Listen", VOICE);
  const app = await stand.open(page, talk);
  const player = app.getByLabel("Recording");
  const at = await stopInTheMiddle(player);
  const link = await player.getAttribute("src");
  await anotherSecond(page);
  await page.clock.fastForward("06:30");
  await anotherSecond(page);
  await expect(player).toHaveAttribute("src", link);
  await page.clock.fastForward("09:00");
  await expect(player).not.toHaveAttribute("src", link);
  expect(await placeOf(player)).toBe(at);
  await player.evaluate((it) => it.play());
  await expect.poll(() => placeOf(player)).toBeGreaterThan(at);
});

test("one whose link ends while it plays goes on with a fresh one", async ({ page, stand }) => {
  await page.clock.install();
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.text(SAM, "Listen", VOICE);
  const app = await stand.open(page, talk);
  const player = app.getByLabel("Recording");
  const at = await stopInTheMiddle(player);
  const link = await player.getAttribute("src");
  await anotherSecond(page);
  const read = page.waitForResponse(/timeline$/);
  await page.clock.fastForward("06:30");
  await (await read).finished();
  // As when the rest of it is asked for, and refused.
  await expect.poll(async () => {
    await player.evaluate((it) => it.dispatchEvent(new Event("error")));
    return player.getAttribute("src");
  }).not.toBe(link);
  expect(await placeOf(player)).toBe(at);
  await expect(app.getByText("This recording does not play", { exact: false })).toBeHidden();
});

test("a recording that cannot be had says so in place of a dead player", async ({ page, stand, complaints }) => {
  complaints.allow("status of 404");
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.text(SAM, "Listen", VOICE);
  await page.route("**/media/*", (route) => route.fulfill({ status: 404, body: "gone" }));
  const app = await stand.open(page, talk);
  const player = app.getByLabel("Recording");
  await expect(player).toBeVisible();
  await player.evaluate((it) => it.load());
  await player.evaluate((it) => it.play().catch(() => {}));
  await expect(app.getByText("This recording does not play", { exact: false })).toBeVisible();
});
