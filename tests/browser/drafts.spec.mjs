// A text that is being written: it is kept, sent once, and gives way to nothing unasked.
import { SAM, answerTo, expect, test } from "./stand.mjs";

const KIM = "+15550100160";

/** The conversation of somebody who texts. */
async function conversationOf(stand, from) {
  const known = new Set((await stand.state()).helpscout.conversations.map((it) => it.id));
  await stand.text(from, "Hello");
  const isNew = (it) => !known.has(it.id) && it.threads.some((thread) => thread.kind === "customer");
  return (await stand.until("a conversation", (state) => state.helpscout.conversations.find(isNew))).id;
}

const bodies = async (stand, phone = SAM) => (await stand.state()).phones[phone].map((it) => it.body);
const box = (app) => app.getByLabel("Text by SMS");

/** A text that a phone company has filtered, in an open sidebar. */
async function filtered(page, stand, text) {
  const talk = await stand.firstContact(SAM, "Where do I vote?");
  const app = await stand.open(page, talk);
  await stand.play("POST", "/_play/settings", { fates: { [SAM]: "filtered" } });
  await stand.reply(talk, `<p>${text}</p>`);
  const entry = app.getByRole("listitem").filter({ hasText: text });
  await expect(entry.getByText(/Not delivered: /)).toBeVisible();
  await stand.play("POST", "/_play/settings", { fates: { [SAM]: "delivered" } });
  return { app, talk, entry };
}

test("a text that is begun is there again when its conversation is, and nowhere else", async ({ page, stand }) => {
  const [sams, kims] = [await conversationOf(stand, SAM), await conversationOf(stand, KIM)];
  let app = await stand.open(page, sams);
  await box(app).fill("At the town");
  app = await stand.open(page, kims);
  await expect(box(app)).toHaveValue("");
  await box(app).fill("Dear Kim");
  app = await stand.open(page, sams);
  await expect(box(app)).toHaveValue("At the town");
  await box(app).fill("At the town hall");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect(box(app)).toHaveValue("");
  app = await stand.open(page, kims);
  await expect(box(app)).toHaveValue("Dear Kim");
  app = await stand.open(page, sams);
  await expect(box(app)).toHaveValue("");
});

test("a text whose answer was lost when the agent left is sent once", async ({ page, stand, complaints }) => {
  const [sams, kims] = [await conversationOf(stand, SAM), await conversationOf(stand, KIM)];
  let app = await stand.open(page, sams);
  await page.route("**/sidebar/messages", async (route) => {
    await answerTo(route);
    await route.abort();
  }, { times: 1 });
  await box(app).fill("At the town hall");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect(app.getByText("The hotline cannot be reached.", { exact: false })).toBeVisible();
  expect(complaints.splice(0)).toEqual([expect.stringContaining("ERR_FAILED")]);
  await stand.open(page, kims);
  app = await stand.open(page, sams);
  await expect(box(app)).toHaveValue("At the town hall");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect(box(app)).toHaveValue("");
  await box(app).fill("Bye");
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect.poll(() => bodies(stand)).toContain("Bye");
  expect((await bodies(stand)).filter((it) => it === "At the town hall")).toHaveLength(1);
});

test("where the browser keeps nothing, texts are written and sent all the same", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await page.addInitScript(() => {
    const denied = { get: () => { throw new DOMException("Access is denied for this document.", "SecurityError"); } };
    for (const name of ["sessionStorage", "localStorage"]) Object.defineProperty(window, name, denied);
  });
  const app = await stand.open(page, talk);
  await box(app).fill("Yes");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect.poll(() => bodies(stand)).toContain("Yes");
});

test("a text that was sent again, worded anew or not, is not offered to be sent again", async ({ page, stand }) => {
  const { app, talk, entry } = await filtered(page, stand, "At the bank");
  await entry.getByRole("button", { name: "Send again" }).click();
  await expect(box(app)).toHaveValue("At the bank");
  await box(app).fill("At the town hall");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect(app.getByRole("listitem").filter({ hasText: "At the town hall" })).toContainText("Delivered");
  await expect(entry.getByRole("button", { name: "Send again" })).toBeHidden();
  await expect(entry).toContainText("Sent again");
  // For whoever looks later, too.
  const later = await stand.open(page, talk);
  const again = later.getByRole("listitem").filter({ hasText: "At the bank" });
  await expect(again).toContainText("Sent again");
  await expect(again.getByRole("button", { name: "Send again" })).toBeHidden();
});

test("a text that is being written gives way to one that is sent again only when the agent says so", async ({ page, stand }) => {
  const { app, entry } = await filtered(page, stand, "At the bank");
  await box(app).fill("Half a tex");
  const again = entry.getByRole("button", { name: "Send again" });
  await again.click();
  await expect(box(app)).toHaveValue("Half a tex");
  await app.getByRole("button", { name: "Keep mine" }).click();
  await expect(box(app)).toHaveValue("Half a tex");
  await expect(box(app)).toBeFocused();
  await expect(app.getByRole("button", { name: "Keep mine" })).toBeHidden();
  await again.click();
  await app.getByRole("button", { name: "Replace it" }).click();
  await expect(box(app)).toHaveValue("At the bank");
  await expect(box(app)).toBeFocused();
  // Emptied and begun anew it is another text.
  await box(app).fill("");
  await box(app).fill("Hello");
  await app.getByRole("button", { name: "Send", exact: true }).click();
  await expect(app.getByRole("listitem").filter({ hasText: /^Hello/ }).last()).toContainText("Delivered");
  await expect(again).toBeVisible();
});

test("Ctrl and Enter send nothing while a word is being composed", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  await box(app).fill("むずか");
  const press = (field, key, how) => field.evaluate((it, init) => it.dispatchEvent(new KeyboardEvent("keydown", init)), { key, ctrlKey: key === "Enter", bubbles: true, cancelable: true, ...how });
  // Safari tells the key that ends the word after the composition, by its code alone.
  const COMPOSING = [{ isComposing: true }, { keyCode: 229 }];
  for (const how of COMPOSING) await press(box(app), "Enter", how);
  await expect(app.getByRole("button", { name: "Send", exact: true })).toBeEnabled();
  await app.getByRole("button", { name: "Change your phone" }).click();
  const phone = app.getByLabel("Your phone, which rings first");
  await phone.fill("(555) 010-0105");
  for (const how of COMPOSING) for (const key of ["Enter", "Escape"]) await press(phone, key, how);
  await expect(phone).toHaveValue("(555) 010-0105");
  await press(phone, "Escape", {});
  await expect(app.getByText("Your phone +1 555 010 0104 rings first.", { exact: false })).toBeVisible();
  await press(box(app), "Enter", {});
  await expect.poll(() => bodies(stand)).toContain("むずか");
  expect((await bodies(stand)).filter((it) => it === "むずか")).toHaveLength(1);
});

test("the counter names every character that makes a text dear, and in words those that cannot be seen", async ({ page, stand }) => {
  const app = await stand.open(page, await stand.firstContact(SAM, "Hello"));
  for (const [text, named] of [
    ["It’s — well — fine 😀", "With ’, — and 😀 in it"],
    ["It's - well", ""],
    ["Meet us\u200b at 8", "With a zero-width space in it"],
    ["Meet us\u200c at 8", "With an invisible joiner in it"],
    ["at 8\u00a0pm", "With a no-break space in it"],
    ["at 8\u202fpm", "With a no-break space in it"],
    ["\ufeffat 8", "With a zero-width no-break space in it"],
  ]) {
    await box(app).fill(text);
    await expect(app.locator("#why")).toHaveText(named ? new RegExp(`^${named}`) : "");
  }
});
