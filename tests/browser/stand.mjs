// A hotline for each test: the built Worker in workerd, the emulator, and what a story needs of them.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect } from "@playwright/test";

export { expect };
export const SAM = "+15550100100";
export const ADA = 4004;
export const MAX = 4005;
export const HOTLINE = "+15550100001";
// As it stands in her record at Help Scout.
export const ADAS_PHONE = "+15550100104";
export const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PATIENCE_MS = 20_000;

// WCAG 2.2 AA, and what axe holds to be good practice.
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Of a story about where things are in the sidebar and whether they fit: it is told at each of Help Scout's widths. */
export const AT_EACH_WIDTH = { tag: "@width" };

/** What the server answers to a request that a test holds up; asked again where the kept connection had just been closed. */
export const answerTo = (route, change) => route.fetch({ maxRetries: 3, ...change });

export class Stand {
  /** `width`: of the sidebar, in pixels. */
  static async start(width) {
    const server = spawn(process.env.TEST_SERVER, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: server.stdout });
    const first = await new Promise((resolve, reject) => {
      lines.once("line", resolve);
      server.once("error", reject);
      server.once("exit", (code) => reject(new Error(`no stand: ${code}`)));
    });
    return Object.assign(new Stand(), JSON.parse(first), { process: server, width });
  }

  end() {
    this.process.stdin.end();
    return new Promise((ended) => this.process.once("exit", ended));
  }

  async play(method, path, body) {
    const headers = body ? { "content-type": "application/json" } : {};
    const answer = await fetch(this.emulator + path, { method, headers, body: body && JSON.stringify(body) });
    const said = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${JSON.stringify(said)}`);
    return said;
  }

  state() {
    return this.play("GET", "/_play/state");
  }

  async until(what, look) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = look(await this.state());
      if (found) return found;
      if (Date.now() > end) throw new Error(`never happened: ${what}\n${readFileSync(this.log, "utf8").slice(-4_000)}`);
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }

  text(from, body, media = []) {
    return this.play("POST", "/_play/text", { from, to: HOTLINE, body, media });
  }

  /** So many texts at once, until all have arrived; which comes before which, nobody can say. */
  async texts(from, count) {
    for (let number = 1; number <= count; number += 1) await this.text(from, `Text ${number}.`);
    await this.settled(from);
  }

  reply(conversation, html) {
    return this.play("POST", "/_play/helpscout/reply", { conversation, html, user: ADA });
  }

  farEnd(number, kind) {
    return this.play("POST", "/_play/settings", { calls: { far_ends: { [number]: kind } } });
  }

  /** The conversation of the first text. */
  async firstContact(from, body, media) {
    await this.text(from, body, media);
    const said = (it) => it.threads.some((thread) => thread.kind === "customer");
    return (await this.until("a conversation", (state) => state.helpscout.conversations.find(said))).id;
  }

  /** All that somebody was texted has arrived, and stands in Help Scout. */
  settled(from) {
    return this.until("quiet", ({ phones, helpscout }) => {
      const texts = phones[from].filter((it) => it.direction === "out").length;
      const threads = helpscout.conversations.flatMap((it) => it.threads).filter((it) => it.kind === "customer");
      return threads.length === texts && phones[from].every((it) => it.direction === "out" || it.status === "delivered");
    });
  }

  /** A call to a phone, once it rings. */
  ringing(phone) {
    return this.until(`${phone} rings`, ({ calls }) => calls.find((it) => it.phone === phone && it.status === "ringing"));
  }

  deed(call, name, body = {}) {
    return this.play("POST", `/_play/calls/${call.sid}/${name}`, body);
  }

  /** Where Help Scout shows the app beside a conversation. */
  host(conversation, user = ADA) {
    return `${this.emulator}/host?conversation=${conversation}&user=${user}&width=${this.width}`;
  }

  /** Frames the app beside a conversation as Help Scout does. */
  async frame(page, conversation, user) {
    await page.goto(this.host(conversation, user));
    return page.frameLocator("iframe.app");
  }

  /** The page is not busy any more when the widget has taken the place of the prerendered page. */
  async taken(app) {
    await expect(app.locator("#sidebar:not([aria-busy])")).toBeVisible();
  }

  /** Opens the app, as an agent who may use it. */
  async open(page, conversation, user) {
    const app = await this.frame(page, conversation, user);
    await this.taken(app);
    return app;
  }
}

/** Nothing of the sidebar is cut off or scrolls sideways. */
export async function expectToFit(app) {
  for (const root of ["html", "#sidebar", "#log"]) {
    for (const it of await app.locator(root).all()) {
      const over = await it.evaluate((it) => it.scrollWidth - it.clientWidth);
      expect(over, `${root} does not scroll sideways`).toBeLessThanOrEqual(0);
    }
  }
}

/** Nothing in the sidebar's frame offends a rule or leaves axe in doubt, and nothing is cut off. */
export async function expectToPlease(page, app) {
  // Axe judges what is in sight, so the log is laid open, and the frame follows.
  for (const log of await app.locator("#log").all()) await log.evaluate((it) => (it.style.height = "auto"));
  await expect.poll(() => app.locator("html").evaluate((it) => it.scrollHeight - it.clientHeight)).toBe(0);
  const axe = new AxeBuilder({ page }).include(["iframe.app", "html"]).withTags(RULES);
  const { violations, incomplete, passes } = await axe.analyze();
  const told = (rule) => `${rule.id}: ${rule.help}\n${rule.nodes.map((it) => `${it.html}\n${it.failureSummary}`).join("\n")}`;
  expect([...violations, ...incomplete].map(told)).toEqual([]);
  const looked = passes.find((it) => it.id === "color-contrast")?.nodes.length ?? 0;
  expect(looked, "axe read the words in the frame").toBeGreaterThan(0);
  await expectToFit(app);
}

/** From now on the page around the sidebar keeps what it is told in `heard`. */
export function keepMessages(page) {
  return page.addInitScript(() => {
    if (window !== top) return;
    window.heard = [];
    addEventListener("message", ({ data }) => heard.push(data));
  });
}

/**
 * Every test has a stand of its own, and fails on whatever the browser complains of while it runs, but for
 * `complaints.allow(part)`: a browser that asks again says it again, at a time of its own.
 */
export const test = base.extend({
  width: [270, { option: true }],
  stand: async ({ width }, use) => {
    const stand = await Stand.start(width);
    await use(stand);
    await stand.end();
  },
  complaints: [
    async ({ page, context, stand: _ }, use, info) => {
      const all = [];
      const allowed = [];
      all.allow = (part) => allowed.push(part);
      context.on("console", (message) => ["error", "warning"].includes(message.type()) && all.push(message.text()));
      context.on("weberror", (error) => all.push(String(error.error())));
      await use(all);
      // A request that a test holds up may be under way still; that its page is gone by then is nobody's fault.
      for (const it of context.pages()) await it.unrouteAll({ behavior: "ignoreErrors" });
      if (info.status !== info.expectedStatus) {
        console.log(all.join("\n"), await page.frameLocator("iframe.app").locator("body").innerText().catch(String));
      }
      const faults = all.filter((it) => !allowed.some((part) => it.includes(part)));
      expect(faults, "the console is quiet, and nothing broke the page's policy").toEqual([]);
    },
    { auto: true },
  ],
});
