// The sidebar, framed as Help Scout frames it.
import { ADAS_PHONE, AT_EACH_WIDTH, HOTLINE, MAX, PIXEL, SAM, answerTo, expect, expectToFit, test } from "./stand.mjs";

test("an agent sees who it is and what was said, and a new text at once", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  const app = await stand.open(page, talk);
  await expect(app.getByRole("heading", { name: "+1 555 010 0100" })).toBeVisible();
  await expect(app.getByText("SMS · first contact")).toBeVisible();
  await expect(app.getByText("Where do I vote?")).toBeVisible();
  await stand.text(SAM, "Are you there?");
  await expect(app.getByText("Are you there?")).toBeVisible();
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
  await expect(app.getByRole("timer")).toHaveText(/^0:(0[2-9]|[1-5]\d)$/);
  await app.getByRole("button", { name: "Hang up" }).click();
  await expect(app.getByText(/You talked for \d+:\d\d/)).toBeVisible();
  await expect(page.getByText(/SUCCESS You talked for/)).toBeVisible();
  await expect(app.getByRole("listitem").filter({ hasText: /Call back, \d+:\d\d/ })).toContainText("Ada Byron");
  await expect(app.getByText("Your phone +1 555 010 0104 rings first.", { exact: false })).not.toContainText("code");
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
  await expect(app.getByText("Your phone +1 555 010 0105 rings first.", { exact: false })).toBeVisible();
  await app.getByRole("button", { name: "Call back" }).focus();
  await page.keyboard.press("Enter");
  await expect(app.getByText("Your phone rings…")).toBeVisible();
  await app.getByRole("button", { name: "Cancel" }).focus();
  await page.keyboard.press("Enter");
  await expect(app.getByText("The call was cancelled")).toBeVisible();
});

test("an agent who looks at another phone may keep the one they have", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  const [change, typed] = [app.getByRole("button", { name: "Change your phone" }), app.getByLabel("Your phone, which rings first")];
  for (const keep of [() => typed.press("Escape"), () => app.getByRole("button", { name: "Keep the phone as it was" }).click()]) {
    await change.click();
    await expect(typed).toBeFocused();
    await keep();
    await expect(app.getByText("Your phone +1 555 010 0104 rings first.", { exact: false })).toBeVisible();
    await expect(typed).toBeHidden();
  }
});

test("earlier pages are read one at a time, and what is in sight stays there", AT_EACH_WIDTH, async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.texts(SAM, 70);
  const app = await stand.open(page, talk);
  const [log, entries] = [app.getByRole("log"), app.getByRole("listitem")];
  await expect(entries.last()).toBeInViewport();
  await expect(entries).toHaveCount(30);
  await log.evaluate((it) => (it.scrollTop = 0));
  const first = entries.first();
  const words = await first.locator(".what p").first().textContent();
  await app.getByRole("button", { name: "Earlier" }).click();
  await expect(entries).toHaveCount(60);
  await expect(app.getByText(words, { exact: true })).toBeInViewport();
});

test("a long history is read back and forth, and an agent's own text leads to its end", async ({ page, stand }) => {
  const [ALL, PAGE] = [600, 30];
  const talk = await stand.firstContact(SAM, "Hello");
  const entry = (number) => ({
    id: `SM${number}`, at: new Date(Date.UTC(2026, 0, 1, 0, number)), kind: "text", direction: "in", channel: "sms", text: `Text ${number}.`,
    state: null, error: null, media: [], agent: "", conversation: talk, seconds: null, transcript: null,
  });
  let person;
  await page.route(/timeline\?before=/, (route) => {
    const before = Number(new URL(route.request().url()).searchParams.get("before"));
    const entries = Array.from({ length: PAGE }, (_, at) => entry(before - PAGE + at));
    return route.fulfill({ json: { person, entries, earlier: before > PAGE ? String(before - PAGE) : null } });
  });
  await page.route(/timeline$/, async (route) => {
    const answer = await (await answerTo(route)).json();
    person = answer.person;
    // All that was really said comes after the long history.
    return route.fulfill({ json: { ...answer, earlier: String(ALL) } });
  });
  const app = await stand.open(page, talk);
  const [log, entries] = [app.getByRole("log"), app.getByRole("listitem")];
  for (let first = ALL; first > 0; first -= PAGE) {
    await log.evaluate((it) => (it.scrollTop = 0));
    await app.getByRole("button", { name: "Earlier" }).click();
    await expect(entries.first()).toContainText(`Text ${first - PAGE}.`);
  }
  await expect(app.getByRole("button", { name: "Earlier" })).toBeHidden();
  expect(await entries.count(), "no more is held than a browser shows easily").toBeLessThanOrEqual(300);
  await log.evaluate((it) => (it.scrollTop = it.scrollHeight));
  const last = await entries.last().innerText();
  await app.getByRole("button", { name: "Later" }).click();
  await expect(entries.last()).not.toHaveText(last);
  await expect(entries.filter({ hasText: last.split("\n")[0] }), "what was in sight still is").toBeInViewport();
  await stand.text(SAM, "Are you there?");
  await expect(app.getByRole("button", { name: "Later, with something new" })).toBeVisible();
  await app.getByLabel("Text by SMS").fill("Yes");
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(app.getByText("Yes", { exact: true })).toBeInViewport();
  await expect(app.getByText("Are you there?")).toBeInViewport();
  await expect(app.getByRole("button", { name: "Later" })).toBeHidden();
});

test("a voicemail can be heard and read", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Nobody answers");
  const app = await stand.open(page, talk);
  const { sid } = await stand.play("POST", "/_play/call", { from: SAM, to: HOTLINE });
  const call = await stand.until("the tone", ({ calls }) => calls.find((it) => it.sid === sid && it.recording));
  await stand.deed(call, "speak", { ms: 3_000 });
  await page.waitForTimeout(3_500);
  await stand.deed(call, "hang_up");
  const voicemail = app.getByRole("listitem").filter({ hasText: /Voicemail, \d+:\d\d/ });
  await expect(voicemail.getByText("Hello, where do I vote?", { exact: false })).toBeVisible();
  const player = voicemail.getByLabel("Recording");
  await expect(player).toBeVisible();
  await player.evaluate((it) => { it.preload = "metadata"; it.load(); });
  await expect.poll(() => player.evaluate((it) => it.duration)).toBeGreaterThan(1);
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
    const here = helpscout.conversations[0].threads.filter((it) => it.kind === "message" && it.html.includes("At the town hall"));
    return here.length > 0 && here;
  });
  expect(threads).toHaveLength(1);
  const { phones } = await stand.state();
  expect(phones[SAM].filter((it) => it.body === "At the town hall")).toHaveLength(1);
});

test("a text that was filtered may be worded anew, and one to a landline is not offered again", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  const app = await stand.open(page, talk);
  for (const [fate, again] of [["landline", 0], ["filtered", 1]]) {
    await stand.play("POST", "/_play/settings", { fates: { [SAM]: fate } });
    await stand.reply(talk, `<p>At the town hall: ${fate}</p>`);
    const reply = app.getByRole("listitem").filter({ hasText: `At the town hall: ${fate}` });
    await expect(reply.getByText(/Not delivered: /)).toBeVisible();
    await expect(reply.getByRole("button", { name: "Send again" })).toHaveCount(again);
  }
  await app.getByRole("button", { name: "Send again" }).click();
  await expect(app.getByLabel("Text by SMS")).toHaveValue("At the town hall: filtered");
  await expect(app.getByLabel("Text by SMS")).toBeFocused();
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
  await expect(app.getByText("First", { exact: true })).toBeVisible();
  refuses = true;
  await sockets[0].close({ code: 4000 });
  await expect(app.getByText("Offline", { exact: false })).toBeVisible();
  await stand.text(SAM, "Did you get this?");
  await stand.until("the text", ({ helpscout }) => helpscout.conversations[0].threads.some((it) => it.html.includes("Did you get this?")));
  refuses = false;
  await expect(app.getByText("Did you get this?")).toBeVisible();
  await expect(app.getByText("Offline", { exact: false })).toBeHidden();
});

test("it fits, and the frame is as high as it", AT_EACH_WIDTH, async ({ page, stand, width }, info) => {
  await page.setViewportSize({ width: width + 16, height: 760 });
  const talk = await stand.firstContact(SAM, "Hello, I am at the wrong polling place, they say. Where do I have to go?");
  await stand.text(SAM, "Look", [{ type: "image/png", base64: PIXEL }]);
  await stand.reply(talk, "<p>The town hall, 1 Main Street. It is open until 8 pm.</p>");
  const app = await stand.open(page, talk);
  await expect(app.getByText("Delivered").first()).toBeVisible();
  await app.getByLabel("Text by SMS").fill("It’s the next street on the left");
  await expect(app.getByText(/text holds 70 characters/)).toBeVisible();
  await expectToFit(app);
  const [content, frame] = await Promise.all([
    app.locator("#sidebar").evaluate((it) => it.getBoundingClientRect().height),
    page.locator("iframe.app").evaluate((it) => it.clientHeight),
  ]);
  expect(frame).toBe(Math.ceil(content) + 1);
  await page.screenshot({ path: info.outputPath(`sidebar-${width}.png`) });
});
