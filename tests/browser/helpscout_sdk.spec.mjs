// npm's @helpscout/javascript-sdk, which apps in Help Scout are written with, judges both ends of the protocol: the host
// page serves an app that uses it, and our widget says exactly what such an app says.
//
// The SDK speaks with https://secure.helpscout.net alone. That is played: both pages are answered here, and what else is
// asked for is refused.
import { build } from "esbuild";
import { ADA, ADAS_PHONE, SAM, answerTo, expect, keepMessages, test } from "./stand.mjs";

const HELP_SCOUT = "https://secure.helpscout.net";
const APP = "https://app.example.org";

const bundled = await build({
  stdin: { contents: `export { default as helpScout } from "@helpscout/javascript-sdk"`, resolveDir: import.meta.dirname },
  bundle: true, format: "iife", globalName: "sdk", write: false,
});
const SCRIPT = bundled.outputFiles[0].text;
const PAGE = `<!doctype html><title>An app</title><script src="/sdk.js"></script>`;

/** Opens an app that uses the SDK beside a conversation; its frame. */
async function openWithSdk(page, stand, talk) {
  await page.route("**", (route) => route.abort());
  await page.route(`${APP}/**`, (route) => {
    const script = new URL(route.request().url()).pathname === "/sdk.js";
    return route.fulfill(script ? { contentType: "text/javascript", body: SCRIPT } : { contentType: "text/html", body: PAGE });
  });
  await page.route(`${HELP_SCOUT}/**`, async (route) => {
    // The emulator answers its own pages only.
    const { origin: _, ...headers } = { ...route.request().headers(), host: new URL(stand.emulator).host };
    const response = await answerTo(route, { url: route.request().url().replace(HELP_SCOUT, stand.emulator), headers });
    if (!route.request().url().includes("/_play/sidebar")) return route.fulfill({ response });
    const app = await response.json();
    return route.fulfill({ json: { ...app, url: APP + new URL(app.url).search } });
  });
  await page.goto(stand.host(talk).replace(stand.emulator, HELP_SCOUT));
  return framed(page, "iframe.app");
}

async function framed(page, selector) {
  const frame = await (await page.waitForSelector(selector)).contentFrame();
  await frame.waitForFunction(() => globalThis.sdk);
  return frame;
}

test("the host page serves an app that uses the SDK", async ({ page, context, stand }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const talk = await stand.firstContact(SAM, "Hello");
  const app = await openWithSdk(page, stand, talk);

  const { conversation, customer, user } = await app.evaluate(() => sdk.helpScout.getApplicationContext());
  const here = (await stand.state()).helpscout.conversations.find((it) => it.id === talk);
  expect(conversation).toMatchObject({ id: talk, number: here.number, subject: here.subject });
  expect(customer).toMatchObject({ id: conversation.customerId, phones: [{ value: SAM }] });
  expect(user.id).toBe(ADA);
  expect(await app.evaluate(() => sdk.helpScout.getInstallationIds())).toEqual([expect.stringMatching(/^\w{12}$/)]);
  expect(await app.evaluate(() => sdk.helpScout.getAppStyles())).toContain("--HSUIKitFontFamily");

  await app.evaluate(() => sdk.helpScout.setAppHeight(471));
  await expect(page.locator("iframe.app")).toHaveCSS("height", "471px");
  for (const kind of ["ERROR", "MESSAGE", "SUCCESS", "WARNING"]) {
    await app.evaluate((kind) => sdk.helpScout.showNotification(kind, "It rains"), kind);
    await expect(page.getByText(`${kind} It rains`)).toBeVisible();
  }
  await app.evaluate(() => sdk.helpScout.setClipboardText("Sam Poe"));
  await expect(page.getByText("SUCCESS Text copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("Sam Poe");
});

test("an app that asks is answered", async ({ page, stand }) => {
  const app = await openWithSdk(page, stand, await stand.firstContact(SAM, "Hello"));
  for (const yes of [true, false]) {
    page.once("dialog", (dialog) => (yes ? dialog.accept() : dialog.dismiss()));
    const answer = await app.evaluate(() => new Promise((done) => {
      sdk.helpScout.showNotification("CONFIRM", "Really?", { onConfirm: () => done(true), onClose: () => done(false) });
    }));
    expect(answer).toBe(yes);
  }
});

test("an app opens a side panel, hears of it, and closes it from there", async ({ page, stand }) => {
  const app = await openWithSdk(page, stand, await stand.firstContact(SAM, "Hello"));
  await app.evaluate(() => {
    globalThis.heard = [];
    sdk.helpScout.watchApplicationContext(({ uiState, conversation }) => heard.push([uiState.isSidePanelOpen, conversation.id]));
    sdk.helpScout.openSidePanel(`${location.origin}/panel`);
  });
  const panel = await framed(page, "iframe.panel");
  const { uiState, conversation } = await panel.evaluate(() => sdk.helpScout.getApplicationContext());
  expect(uiState.isSidePanelOpen).toBe(true);
  await panel.evaluate(() => sdk.helpScout.closeSidePanel());
  await expect(page.locator("iframe.panel")).toHaveCount(0);
  await expect.poll(() => app.evaluate(() => heard)).toEqual([[true, conversation.id], [false, conversation.id]]);
});

/** A value with every leaf's type in its place. */
const shape = (value) =>
  value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([name, it]) => [name, shape(it)])) : typeof value;

/** What the page around has heard so far, each type of message in the shape it had. */
const heard = async (page) => {
  const shapes = new Map();
  for (const message of await page.evaluate(() => heard)) {
    expect(message.iframeId).toMatch(/^app-\w{12}$/);
    expect(message.iframeId).toBe(`app-${message.appId}`);
    if (message.value?.options) expect(message.value.options.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    shapes.set(message.type, [...(shapes.get(message.type) ?? []), shape(message)]);
  }
  return shapes;
};

test("the widget says what the SDK says, word by word", async ({ page, stand }) => {
  await keepMessages(page);
  const talk = await stand.firstContact(SAM, "Please call me");
  await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
  const widget = await stand.open(page, talk);
  await widget.getByRole("button", { name: "Copy the number" }).click();
  await widget.getByRole("button", { name: "Call back" }).click();
  await widget.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("WARNING The call was cancelled")).toBeVisible();
  const ours = await heard(page);

  const app = await openWithSdk(page, stand, talk);
  await app.evaluate(async () => {
    await sdk.helpScout.getApplicationContext();
    await sdk.helpScout.getAppStyles();
    sdk.helpScout.setAppHeight(300);
    sdk.helpScout.setClipboardText("Sam Poe", "Name copied");
    sdk.helpScout.showNotification("WARNING", "It rains");
  });
  await expect(page.getByText("WARNING It rains")).toBeVisible();
  const theirs = await heard(page);

  expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
  for (const [type, shapes] of ours) for (const it of shapes) expect(it, type).toStrictEqual(theirs.get(type)[0]);
});
