// How the hotlines fare, as owners and administrators of Help Scout see it in the sidebar.
import { AT_EACH_WIDTH, MAX, SAM, answerTo, expect, expectToFit, expectToPlease, test } from "./stand.mjs";

const button = (app) => app.getByRole("button", { name: "Hotline health" });
const report = (app) => app.getByRole("region", { name: "Hotline health" });
const overall = (app) => report(app).getByRole("status");
const readNow = (app) => report(app).getByRole("button", { name: "Read now" }).click();

/** Until the report says so: what happened is told within seconds. */
const toSay = (app, words) =>
  expect(async () => {
    await readNow(app);
    await expect(report(app).getByText(words).first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 80_000 });

/** The report with something changed, answered in its place. */
const changed = (page, change, status = 200) =>
  page.route("**/sidebar/health", async (route) => {
    const health = await (await answerTo(route)).json();
    change(health);
    await route.fulfill({ status, json: health });
  });

const AT = new Date(Date.now() - 25 * 60_000).toISOString();

/** Everything that can be said of a deployment, most of it bad. */
function spoil(health) {
  const reason = (code, status, hotline, detail, repair) => ({ code, status, hotline, since: AT, detail, repair });
  health.status = "down";
  health.reasons = [
    reason("twilio_refused", "down", null, "Twilio refuses our credentials.", "Look at the account in Twilio's console; set a new token with `npx wrangler secret put TWILIO_AUTH_TOKEN`."),
    reason("jobs_waiting", "degraded", "VOTERS", "4 jobs wait, the oldest for 25 minutes.", "See what waits with `cargo xtask jobs list`."),
  ];
  health.cron = { last_run_at: AT, took_ms: 812 };
  health.twilio = { credentials: "refused", checked_at: AT, balance: { amount: "12.30", currency: "USD" }, breaker: "open", breaker_since: AT };
  Object.assign(health.helpscout.webhook, { state: "disabled", checked_at: AT, last_received_at: AT });
  const [voters] = health.hotlines;
  Object.assign(voters, {
    status: "down", quarantined: 1, opt_outs: 17,
    waiting: { jobs: 4, people: 2, oldest_at: AT, lanes: { helpscout: 3, phone: 1, calls: 0 } },
    failed: { last_day: 3, reasons: [{ code: "twilio_30034", count: 2, last_at: AT }, { code: "text", count: 1, last_at: AT }] },
    text_to_helpscout: { count: 12, median_ms: 900, worst_ms: 4_100 },
    days: voters.days.map((day, at) => ({ ...day, texts_in: at * 7, texts_out: at * 5, calls_in: at % 4, calls_out: at % 3, voicemails: at % 2 })),
  });
  voters.senders[0].ours = false;
}

test("an owner opens it and sees that all is well, and what is known", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Where do I vote?"));
  await expect(button(app)).toHaveAttribute("aria-expanded", "false");
  await expect(report(app)).toBeHidden();
  await button(app).click();
  await expect(button(app)).toHaveAttribute("aria-expanded", "true");
  await expect(overall(app)).toHaveText("All is well.");
  await expect(report(app).getByRole("heading", { name: "Voter hotline" })).toBeVisible();
  await expect(report(app).getByText("+1 555 010 0001: not looked at yet")).toBeVisible();
  // What happened is told within two minutes, so the chart is only there.
  await expect(report(app).locator("rect")).toHaveCount(28);
  await button(app).click();
  await expect(report(app)).toBeHidden();
});

test("an agent who is no operator is not offered it, and is refused", async ({ page, stand, complaints }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"), MAX);
  await expect(app.getByLabel("Text by SMS")).toBeVisible();
  await expect(button(app)).toHaveCount(0);
  const [status, said] = await app.locator("body").evaluate(async () => {
    const token = document.querySelector("meta[name=ringside-session]").content;
    const answer = await fetch("/sidebar/health", { headers: { authorization: `Bearer ${token}` } });
    return [answer.status, await answer.text()];
  });
  expect([status, JSON.parse(said).error.code]).toEqual([403, "operators_only"]);
  expect(complaints.splice(0)).toEqual([expect.stringContaining("status of 403")]);
});

test("while Help Scout is away an owner sees since when, what waits, and what to do; then that all is well", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await stand.settled(SAM);
  await stand.play("POST", "/_faults/helpscout", { kind: "down" });
  await stand.text(SAM, "Are you there?");
  await button(app).click();
  await toSay(app, /^Help Scout: /);
  await expect(overall(app)).toHaveText("It works, but 1 thing is wrong.");
  await expect(report(app).getByText("since", { exact: false }).first()).toBeVisible();
  await expect(report(app).getByText("Nothing is lost", { exact: false })).toBeVisible();
  await toSay(app, /^\d+ jobs? of 1 person, the oldest since .* for Help Scout/);
  await stand.play("DELETE", "/_faults/helpscout");
  await toSay(app, "All is well.");
});

test("a deployment that is down is shown, with what failed and why", AT_EACH_WIDTH, async ({ page, stand, complaints, width }, info) => {
  complaints.allow("status of 503");
  await changed(page, spoil, 503);
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await button(app).click();
  await expect(overall(app)).toHaveText("Down: 2 things are wrong.");
  for (const words of [
    "Twilio refuses our credentials.", "npx wrangler secret put TWILIO_AUTH_TOKEN",
    /^4 jobs of 2 people, the oldest since .* \(25 min\): 3 for Help Scout, 1 for phones$/,
    /^2 × Twilio error 30034: /, "Half within 0.9 s, worst 4.1 s, of 12 in the last day", "17 people", "Switched off by Help Scout, seen 25 min ago",
    "+1 555 010 0001: not in our Twilio account", "12.30 USD", "Ran 25 min ago, for 0.8 s",
  ]) await expect(report(app).getByText(words)).toBeVisible();
  await report(app).getByText("Day by day").click();
  await expect(report(app).getByRole("row").nth(1)).toContainText("91 in, 65 out");
  await expectToPlease(page, app);
  await page.setViewportSize({ width: width + 16, height: 2_400 });
  await expectToFit(app);
  await page.screenshot({ path: info.outputPath(`health-${width}.png`) });
  await page.emulateMedia({ forcedColors: "active" });
  await page.screenshot({ path: info.outputPath(`health-forced-${width}.png`) });
});

test("axe finds nothing while all is well", AT_EACH_WIDTH, async ({ page, stand, width }, info) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await button(app).click();
  await expect(overall(app)).toHaveText("All is well.");
  await expectToPlease(page, app);
  await page.setViewportSize({ width: width + 16, height: 1_500 });
  await page.screenshot({ path: info.outputPath(`health-well-${width}.png`) });
});

test("it is read every minute while it is open and not otherwise, and what is laid open stays so", async ({ page, stand }) => {
  await page.clock.install();
  let reads = 0;
  await changed(page, (health) => {
    reads += 1;
    health.hotlines[0].opt_outs = reads;
  });
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await page.clock.fastForward("02:10");
  expect(reads).toBe(0);
  await button(app).click();
  await expect(report(app).getByText("1 person", { exact: true })).toBeVisible();
  await report(app).getByText("Day by day").click();
  await page.clock.fastForward("01:01");
  await expect(report(app).getByText("2 people", { exact: true })).toBeVisible();
  await expect(report(app).getByRole("table")).toBeVisible();
  await button(app).click();
  await page.clock.fastForward("02:10");
  expect(reads).toBe(2);
});

test("a lost connection is said, and that what is shown is old", async ({ page, stand, complaints }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await button(app).click();
  await expect(overall(app)).toHaveText("All is well.");
  await page.route("**/sidebar/health", (route) => route.abort());
  await readNow(app);
  await expect(report(app).getByRole("alert")).toHaveText("The hotline cannot be reached. Please check your connection and try again.");
  await expect(overall(app)).toHaveText(/^Not known now\. At .*: All is well\.$/);
  await expect(report(app).getByRole("heading", { name: "Voter hotline" })).toBeVisible();
  expect(complaints.splice(0)).toEqual([expect.stringContaining("ERR_FAILED")]);
  await page.unroute("**/sidebar/health");
  await readNow(app);
  await expect(overall(app)).toHaveText("All is well.");
  await expect(report(app).getByRole("alert")).toBeEmpty();
});

test("an owner whom Help Scout made an agent meanwhile is told why nothing is shown", async ({ page, stand, complaints }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  const words = "Only owners and administrators of Help Scout see how the hotlines fare.";
  await page.route("**/sidebar/health", (route) => route.fulfill({ status: 403, json: { error: { code: "operators_only", message: words } } }));
  await button(app).click();
  await expect(report(app).getByRole("alert")).toHaveText(words);
  await expect(report(app).getByRole("heading")).toHaveCount(0);
  expect(complaints.splice(0)).toEqual([expect.stringContaining("status of 403")]);
});

test("it is opened and closed by keys", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await app.getByLabel("Text by SMS").focus();
  // Send is disabled as long as there is nothing to send.
  await page.keyboard.press("Tab");
  await expect(button(app)).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(overall(app)).toHaveText("All is well.");
  await page.keyboard.press("Tab");
  await expect(report(app).getByText("Day by day")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(report(app).getByRole("table")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(report(app).getByRole("button", { name: "Read now" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(report(app)).toBeHidden();
  await expect(button(app)).toBeFocused();
});
