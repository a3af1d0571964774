// The sidebar, framed as Help Scout frames it.
import { ADAS_PHONE, HOTLINE, MAX, SAM, expect, test } from "./stand.mjs";

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("an agent sees who it is and what was said, and a new text at once", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  const app = await stand.open(page, talk);
  await expect(app.getByRole("heading", { name: "+1 555 010 0100" })).toBeVisible();
  await expect(app.getByText("SMS · first contact")).toBeVisible();
  await expect(app.getByText("Where do I vote?")).toBeVisible();
  await stand.text(SAM, "Are you there?");
  await expect(app.getByText("Are you there?")).toBeVisible({ timeout: 2_000 });
  await stand.reply(talk, "<p>At the town hall</p>");
  const reply = app.getByRole("listitem").filter({ hasText: "At the town hall" });
  await expect(reply.getByText("Delivered")).toBeVisible();
  await stand.text(SAM, "STOP");
  await expect(app.getByText(/They opted out of texts on/)).toBeVisible();
  await expect(app.getByLabel("Text by SMS")).toBeHidden();
  await expect(app.getByText(/A reply in Help Scout is not sent/)).toBeVisible();
});

test("script in a text is shown as text", async ({ page, stand }) => {
  const evil = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  const talk = await stand.firstContact(SAM, evil);
  const app = await stand.open(page, talk);
  await expect(app.getByText(evil)).toBeVisible();
  await expect(app.locator("#log img, #log script")).toHaveCount(0);
});

test("a picture is a thumbnail, behind a link of ours", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.text(SAM, "Look", [{ type: "image/png", base64: PIXEL }]);
  const app = await stand.open(page, talk);
  const picture = app.getByRole("img", { name: "Picture" });
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((it) => it.naturalWidth)).toBe(1);
  expect(await picture.getAttribute("src")).toContain(`${stand.worker}/media/`);
});

test("Call back goes through its states, and a second window shows the same", async ({ page, stand, context }) => {
  const talk = await stand.firstContact(SAM, "Please call me");
  await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
  await stand.farEnd(SAM, { kind: "by_hand" });
  const app = await stand.open(page, talk);
  const second = await context.newPage();
  const other = await stand.open(second, talk);
  await app.getByRole("button", { name: "Call back" }).click();
  await expect(app.getByText("Your phone rings…")).toBeVisible();
  const first = await stand.ringing(ADAS_PHONE);
  await stand.deed(first, "answer");
  const press = app.getByText(/^Press \d{4} on your phone/);
  await expect(press).toBeVisible();
  await expect(other.getByText(/^Press \d{4} on your phone/)).toBeVisible();
  const code = (await press.textContent()).match(/\d{4}/)[0];
  await stand.deed(first, "press", { digits: code });
  await expect(app.getByText("Their phone rings…")).toBeVisible();
  await stand.deed(await stand.ringing(SAM), "answer");
  for (const it of [app, other]) await expect(it.getByText("You are talking")).toBeVisible();
  await expect(app.getByRole("timer")).toHaveText("0:02");
  await app.getByRole("button", { name: "Hang up" }).click();
  await expect(app.getByText(/You talked for 0:0\d/)).toBeVisible();
  await expect(page.getByText(/SUCCESS You talked for/)).toBeVisible();
  await expect(app.getByRole("listitem").filter({ hasText: "Call back, 0:0" })).toContainText("Ada Byron");
  await expect(app.getByText(`Your phone ${ADAS_PHONE} rings first.`, { exact: false })).not.toContainText("code");
});

test("an agent without a phone names one, by keyboard alone, and may cancel", async ({ page, stand, complaints }) => {
  const talk = await stand.firstContact(SAM, "Please call me");
  await stand.farEnd("+15550100105", { kind: "by_hand" });
  const app = await stand.open(page, talk, MAX);
  await expect(app.getByRole("button", { name: "Call back" })).toBeDisabled();
  await app.getByLabel("Your phone, which rings first").focus();
  await page.keyboard.type("my phone");
  await page.keyboard.press("Enter");
  await expect(app.getByText("This is not a phone number.", { exact: false })).toBeVisible();
  expect(complaints.splice(0)).toEqual([expect.stringContaining("status of 400")]);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("(555) 010-0105");
  await page.keyboard.press("Enter");
  await expect(app.getByText("Your phone +15550100105 rings first.", { exact: false })).toBeVisible();
  await app.getByRole("button", { name: "Call back" }).focus();
  await page.keyboard.press("Enter");
  await expect(app.getByText("Your phone rings…")).toBeVisible();
  await app.getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("Enter");
  await expect(app.getByText("The call was cancelled")).toBeVisible();
});

test("earlier pages are read one at a time, and what is in sight stays there", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Text 0.");
  for (let number = 1; number < 70; number += 1) await stand.text(SAM, `Text ${number}.`);
  const said = (state) => state.helpscout.conversations[0].threads.filter((it) => it.kind === "customer").length === 70;
  await stand.until("all texts", said);
  const app = await stand.open(page, talk);
  const log = app.getByRole("log");
  await expect(app.getByText("Text 69.")).toBeInViewport();
  await expect(app.getByText("Text 20.", { exact: true })).toHaveCount(0);
  await log.evaluate((it) => (it.scrollTop = 0));
  const first = app.getByRole("listitem").first();
  const words = await first.locator(".what p").first().textContent();
  await app.getByRole("button", { name: "Earlier" }).click();
  await expect(first.locator(".what p").first()).not.toHaveText(words);
  await expect(app.getByText(words, { exact: true })).toBeInViewport();
});

test("a voicemail can be heard and read", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Nobody answers");
  const app = await stand.open(page, talk);
  const { sid } = await stand.play("POST", "/_play/call", { from: SAM, to: HOTLINE });
  const call = await stand.until("the tone", ({ calls }) => calls.find((it) => it.sid === sid && it.recording));
  await stand.deed(call, "speak", { ms: 2_000 });
  await page.waitForTimeout(2_500);
  await stand.deed(call, "hang_up");
  const voicemail = app.getByRole("listitem").filter({ hasText: /Voicemail, 0:0\d/ });
  await expect(voicemail.getByText("Hello, where do I vote?", { exact: false })).toBeVisible();
  const player = voicemail.getByLabel("Recording");
  await expect(player).toBeVisible();
  await player.evaluate((it) => { it.preload = "metadata"; it.load(); });
  await expect.poll(() => player.evaluate((it) => it.duration)).toBeGreaterThan(1);
});

test("Help Scout is believed, and a frame that plays Help Scout is not", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  const app = await stand.open(page, talk);
  const context = (firstName) => ({ type: "SEND_APP_CONTEXT", customer: { firstName, emails: [{ value: "sam@example.org" }] } });
  const [tell, name] = [(message) => frames[0].postMessage(message, "*"), app.locator("header")];
  await page.evaluate(tell, context("Sam Poe"));
  await expect(name).toContainText("Sam Poe · SMS");
  await expect(app.getByText("may also be e-mailed to sam@example.org.", { exact: false })).toBeVisible();
  await page.evaluate((forged) => {
    const script = `parent.frames[0].postMessage(${JSON.stringify(forged)}, "*"); parent.postMessage("forged", "*")`;
    const told = new Promise((done) => addEventListener("message", ({ data }) => data === "forged" && done()));
    const frame = Object.assign(document.createElement("iframe"), { srcdoc: `<script>${script}</script>` });
    frame.sandbox = "allow-scripts";
    document.body.append(frame);
    return told;
  }, context("Mallory"));
  await page.evaluate(tell, { type: 7 });
  // A message takes a moment from one process to another; what must not happen cannot be waited for.
  await page.waitForTimeout(500);
  await expect(name).toContainText("Sam Poe · SMS");
});

test("a text is sent from here once, and stands in the conversation under the agent's name", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  const app = await stand.open(page, talk);
  await app.getByLabel("Text by SMS").fill("At the town hall");
  await expect(app.getByText("16 characters, 1 text")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+Enter");
  const sent = app.getByRole("listitem").filter({ hasText: "At the town hall" });
  await expect(sent.getByText("Delivered")).toBeVisible();
  await expect(sent).toContainText("Ada Byron");
  await expect(app.getByLabel("Text by SMS")).toHaveValue("");
  const threads = await stand.until("a thread", ({ helpscout }) => {
    const here = helpscout.conversations[0].threads.filter((it) => it.html.includes("At the town hall"));
    return here.length > 0 && here;
  });
  expect(threads).toHaveLength(1);
  const { phones } = await stand.state();
  expect(phones[SAM].filter((it) => it.body === "At the town hall")).toHaveLength(1);
});

test("a lost connection is said, opened again, and what was missed is read", async ({ page, stand }) => {
  const sockets = [];
  let refuses = false;
  await page.routeWebSocket(/\/sidebar\/live/, (socket) => {
    sockets.push(socket);
    if (refuses) socket.close();
    else socket.connectToServer();
  });
  const talk = await stand.firstContact(SAM, "Hello");
  const app = await stand.open(page, talk);
  // What comes at once shows that the socket is open; one that is closed before would make the browser complain.
  await stand.text(SAM, "First");
  await expect(app.getByText("First", { exact: true })).toBeVisible({ timeout: 5_000 });
  refuses = true;
  await sockets[0].close({ code: 4000 });
  await expect(app.getByText("Offline", { exact: false })).toBeVisible();
  await stand.text(SAM, "Did you get this?");
  await stand.until("the text", ({ helpscout }) => helpscout.conversations[0].threads.some((it) => it.html.includes("Did you get this?")));
  refuses = false;
  await expect(app.getByText("Did you get this?")).toBeVisible();
  await expect(app.getByText("Offline", { exact: false })).toBeHidden();
});

for (const width of [220, 270, 320]) {
  test(`it fits ${width} px`, async ({ page, stand }, info) => {
    await page.setViewportSize({ width: width + 16, height: 760 });
    const talk = await stand.firstContact(SAM, "Hello, I am at the wrong polling place, they say. Where do I have to go?");
    await stand.text(SAM, "Look", [{ type: "image/png", base64: PIXEL }]);
    await stand.reply(talk, "<p>The town hall, 1 Main Street. It is open until 8 pm.</p>");
    const app = await stand.open(page, talk, undefined, width);
    await expect(app.getByText("Delivered").first()).toBeVisible();
    await app.getByLabel("Text by SMS").fill("It’s the next street on the left");
    await expect(app.getByText(/leaves room for 70/)).toBeVisible();
    for (const root of ["html", "#log"]) {
      const over = await app.locator(root).evaluate((it) => it.scrollWidth - it.clientWidth);
      expect(over, `${root} does not scroll sideways`).toBeLessThanOrEqual(0);
    }
    const [content, frame] = await Promise.all([
      app.locator("#sidebar").evaluate((it) => it.getBoundingClientRect().height),
      page.locator("iframe.app").evaluate((it) => it.clientHeight),
    ]);
    expect(frame).toBe(Math.ceil(content) + 1);
    await page.screenshot({ path: info.outputPath(`sidebar-${width}.png`) });
  });
}
