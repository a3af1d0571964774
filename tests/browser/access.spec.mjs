// The sidebar without a mouse, and as axe judges it: WCAG 2.2 AA and what axe holds to be good practice.
import { ADA, ADAS_PHONE, AT_EACH_WIDTH, MAX, PIXEL, SAM, answerTo, expect, expectToPlease, test } from "./stand.mjs";

test("axe finds nothing: texts, a picture, one that failed, and a call in its states", AT_EACH_WIDTH, async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  await stand.text(SAM, "Look", [{ type: "image/png", base64: PIXEL }]);
  await stand.play("POST", "/_play/settings", { fates: { [SAM]: "landline" } });
  await stand.reply(talk, "<p>At the town hall</p>");
  await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
  await stand.farEnd(SAM, { kind: "by_hand" });
  const app = await stand.open(page, talk);
  await expect(app.getByText(/Not delivered: /).first()).toBeVisible();
  await expect(app.getByRole("img", { name: "Picture" })).toBeVisible();
  await app.getByLabel("Text by SMS").fill("It’s there");
  await expectToPlease(page, app);
  await app.getByRole("button", { name: "Call back" }).click();
  const first = await stand.ringing(ADAS_PHONE);
  await stand.deed(first, "answer");
  await expect(app.getByText(/^Press \d{4} on your phone/)).toBeVisible();
  await expectToPlease(page, app);
  await app.getByRole("button", { name: "Cancel" }).click();
  await expect(app.getByText("The call was cancelled")).toBeVisible();
  await expectToPlease(page, app);
});

test("axe finds nothing: everything that a timeline can hold", AT_EACH_WIDTH, async ({ page, stand, width }, info) => {
  const talk = await stand.firstContact(SAM, "Hello");
  const media = (type) => [{ url: `${stand.worker}/media/none`, type }];
  const entry = (id, more) => ({
    id, at: "2026-09-01T12:00:00Z", kind: "text", direction: "in", channel: "sms", text: "", state: null, error: null, media: [], agent: "",
    conversation: talk, seconds: null, transcript: null, ...more,
  });
  const entries = [
    entry("1", { text: "Hello, is this the place to ask?", conversation: 77 }),
    entry("2", { text: "On WhatsApp as well", channel: "whatsapp" }),
    entry("3", { text: "Yes.", direction: "out", channel: "whatsapp", agent: "Ada Byron", state: "read" }),
    entry("4", { kind: "call", channel: "voice", agent: "Max Moss", seconds: 312 }),
    entry("5", { kind: "missed_call", channel: "voice" }),
    entry("6", { kind: "voicemail", channel: "voice", seconds: 14, media: media("audio/mpeg"), transcript: "Please call me back about the polling place." }),
    entry("7", { kind: "call", direction: "out", channel: "voice", agent: "Ada Byron", seconds: 0, text: "They did not answer." }),
    entry("8", { text: "Here is the letter", channel: "mms", media: media("application/pdf") }),
    entry("9", { text: "The town hall", direction: "out", agent: "Ada Byron", state: "failed", error: { code: 30007, reason: "A phone company took this for spam." } }),
    entry("10", { text: "שלום, איפה אני מצביע?" }),
  ];
  await page.route(/timeline$/, async (route) => {
    const answer = await (await answerTo(route)).json();
    return route.fulfill({ json: { ...answer, entries, earlier: "1" } });
  });
  const app = await stand.open(page, talk);
  await expect(app.getByLabel("Recording").first()).toBeVisible();
  await expectToPlease(page, app);
  await page.setViewportSize({ width: width + 16, height: 1_700 });
  await page.screenshot({ path: info.outputPath(`timeline-${width}.png`) });
});

test("axe finds nothing: a phone to be named, opted out, and the session over", AT_EACH_WIDTH, async ({ page, stand, complaints }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  const app = await stand.open(page, talk, MAX);
  await app.getByLabel("Your phone, which rings first").fill("my phone");
  await app.getByRole("button", { name: "Save" }).click();
  await expect(app.getByText("This is not a phone number.", { exact: false })).toBeVisible();
  expect(complaints.splice(0)).toEqual([expect.stringContaining("status of 400")]);
  await expectToPlease(page, app);
  await stand.text(SAM, "STOP");
  await expect(app.getByText(/They opted out of texts on/)).toBeVisible();
  await expectToPlease(page, app);
  // A token that has ended is refused like one that was never good.
  await page.route("**/sidebar/agent", (route) => route.continue({ headers: { ...route.request().headers(), authorization: "Bearer over" } }));
  // Nor does the page open again, as when the agent has left.
  await page.route("**/helpscout/sidebar**", (route) => route.fulfill({ status: 401, body: "" }));
  await app.getByRole("button", { name: "Save" }).click();
  await expect(app.getByText("This sidebar's session is over.").first()).toBeVisible();
  expect(complaints.splice(0)).toEqual(Array(2).fill(expect.stringContaining("status of 401")));
  await expectToPlease(page, app);
});

test("axe finds nothing: a conversation of an inbox that is no hotline's, and one that came by e-mail", AT_EACH_WIDTH, async ({ page, stand }) => {
  const { inboxes } = (await stand.state()).helpscout;
  const [hotline, other] = [3003, inboxes.find((it) => it.id !== 3003).id];
  for (const [mailbox, said] of [[hotline, "did not come in through the hotline"], [other, "is not a hotline's"]]) {
    const customer = { email: "sam@example.org", first: "Sam" };
    const { conversation } = await stand.play("POST", "/_play/helpscout/new_conversation", { mailbox, customer, html: "Hello", subject: "Hello", user: ADA });
    await page.goto(stand.host(conversation));
    const app = page.frameLocator("iframe.app");
    await expect(app.getByText(said, { exact: false })).toBeVisible();
    await expectToPlease(page, app);
  }
});

/** What has the keyboard in the sidebar; it shows that it has it. */
async function focused(app) {
  const it = await app.locator("body").evaluate(({ ownerDocument: { activeElement: it } }) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(it);
    const name = it.getAttribute("aria-label") ?? it.labels?.[0]?.textContent ?? it.textContent;
    return { name: it === document.body ? null : name, ring: `${outlineStyle} ${outlineWidth}` };
  });
  if (it.name) expect(it.ring, it.name).toBe("solid 2px");
  return it.name;
}

test("everything is done by keyboard alone, in the order in which it stands there", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Text 0.");
  await stand.texts(SAM, 39);
  await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
  await stand.farEnd(SAM, { kind: "by_hand" });
  const app = await stand.open(page, talk);
  await expect(app.getByRole("listitem").last()).toBeInViewport();
  const press = (key) => page.keyboard.press(key);
  const through = (key) => async (...names) => {
    for (const name of names) {
      await press(key);
      expect(await focused(app)).toBe(name);
    }
  };
  const [tab, back] = [through("Tab"), through("Shift+Tab")];

  // From Help Scout's page into the sidebar, and through it.
  await tab("Copy the number");
  await press("Enter");
  await expect(page.getByText("SUCCESS Number copied")).toBeVisible();

  // The log is read by its arrow keys, and further back by its button.
  await tab("Call back", "Change your phone", "Texts and calls");
  const top = () => app.getByRole("log").evaluate((it) => it.scrollTop);
  const end = await top();
  await press("PageUp");
  await expect.poll(top).toBeLessThan(end);
  await expect(app.getByText("Text 0.", { exact: true })).toHaveCount(0);
  await tab("Earlier");
  await press("Enter");
  await expect(app.getByText("Text 0.", { exact: true })).toBeAttached();
  await expect(app.getByRole("button", { name: "Earlier" })).toBeHidden();

  // What agents send comes into sight, and they can go on writing.
  await tab("Text by SMS");
  await page.keyboard.type("By keys");
  await press("ControlOrMeta+Enter");
  await expect(app.getByRole("listitem").filter({ hasText: "By keys" })).toBeInViewport();
  expect(await focused(app)).toBe("Text by SMS");
  await page.keyboard.type("By the button");
  await tab("Send");
  await press("Enter");
  await expect(app.getByRole("listitem").filter({ hasText: "By the button" })).toBeInViewport();
  await expect.poll(() => focused(app)).toBe("Text by SMS");

  await back("Texts and calls", "Change your phone", "Call back");
  await press("Enter");
  await expect(app.getByText("Your phone rings…")).toBeVisible();
  const first = await stand.ringing(ADAS_PHONE);
  await stand.deed(first, "answer");
  const code = app.getByText(/^Press \d{4} on your phone/);
  await expect(code).toBeVisible();
  await tab("Cancel");
  await stand.deed(first, "press", { digits: (await code.textContent()).match(/\d{4}/)[0] });
  await stand.deed(await stand.ringing(SAM), "answer");
  await expect(app.getByText("You are talking")).toBeVisible();
  expect(await focused(app)).toBe("Hang up");
  await press("Enter");
  await expect(app.getByText(/You talked for \d+:\d\d/)).toBeVisible();

  await back("Change your phone");
  await press("Enter");
  await expect.poll(() => focused(app)).toBe("Your phone, which rings first");
  await page.keyboard.type("(555) 010-0105");
  await tab("Save");
  await press("Enter");
  await expect(app.getByText("Your phone +1 555 010 0105 rings first.", { exact: false })).toBeVisible();
});
