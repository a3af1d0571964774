// What those hear who do not see the page: what is new, once, and nothing else.
import { SAM, expect, test } from "./stand.mjs";

/** Counts from now on what a screen reader is told, as WAI-ARIA 1.2 has it (aria-live, aria-relevant, aria-busy). */
const listen = (app) =>
  app.locator("#sidebar").evaluate((root) => {
    window.told = [];
    const IMPLIED = { log: "polite", status: "polite", alert: "assertive" };
    const look = ({ type, target, addedNodes }) => {
      const node = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
      const live = node?.closest("[role=log], [role=status], [role=alert], [role=timer], [aria-live]");
      const mode = live && (live.getAttribute("aria-live") ?? IMPLIED[live.getAttribute("role")] ?? "off");
      if (!live || mode === "off" || live.closest("[aria-busy=true]")) return;
      const relevant = live.getAttribute("aria-relevant") ?? "additions text";
      const elements = [...addedNodes].filter((it) => it.nodeType === Node.ELEMENT_NODE);
      const words = elements.map((it) => it.innerText ?? "").join(" ").trim();
      if (words && /additions|all/.test(relevant)) told.push(words);
      else if (!words && node.textContent && /text|all/.test(relevant) && (type === "characterData" || addedNodes.length > 0)) told.push(node.textContent);
    };
    new MutationObserver((all) => all.forEach(look)).observe(root, { childList: true, characterData: true, subtree: true });
  });
const told = (app) => app.locator("#sidebar").evaluate(() => window.told);

test("in five minutes a reader hears a text that came, one that went, and how its delivery ended", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.settled(SAM);
  await page.clock.install();
  const said = { ping: 0, pong: 0 };
  await page.routeWebSocket(/\/sidebar\/live/, (socket) => {
    const server = socket.connectToServer();
    const count = (it) => it in said && (said[it] += 1);
    socket.onMessage((it) => { count(it); server.send(it); });
    server.onMessage((it) => { count(it); socket.send(it); });
  });
  const app = await stand.open(page, talk);
  // That the greeting has arrived may be news still.
  await expect(app.getByText("Delivered").first()).toBeVisible();
  await listen(app);
  await stand.text(SAM, "Where do I vote?");
  await expect(app.getByText("Where do I vote?", { exact: true })).toBeVisible();
  await stand.reply(talk, "<p>At the town hall</p>");
  await expect(app.getByRole("listitem").filter({ hasText: "At the town hall" })).toContainText("Delivered");
  for (let minute = 0; minute < 5; minute += 1) {
    const before = said.ping;
    await page.clock.fastForward(60_000);
    // By the page's clock an answer that takes a moment would come a minute late.
    await expect.poll(() => said.ping > before && said.pong === said.ping).toBe(true);
  }
  const heard = await told(app);
  const of = (words) => heard.filter((it) => it.includes(words));
  expect(of("Where do I vote?"), JSON.stringify(heard)).toHaveLength(1);
  expect(of("At the town hall")).toHaveLength(2);
  expect(of("Delivered: “At the town hall”")).toHaveLength(1);
  expect(heard).toHaveLength(3);
});

test("a text that did not arrive is told with its reason", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.settled(SAM);
  await stand.play("POST", "/_play/settings", { fates: { [SAM]: "landline" } });
  const app = await stand.open(page, talk);
  await listen(app);
  await stand.reply(talk, "<p>At the town hall</p>");
  await expect(app.getByRole("listitem").filter({ hasText: "At the town hall" })).toContainText("Not delivered");
  await expect.poll(async () => (await told(app)).filter((it) => /Not delivered: .*: “At the town hall”/.test(it)).length).toBe(1);
});

test("earlier pages come into the log without being told as news", async ({ page, stand }) => {
  const talk = await stand.firstContact(SAM, "Hello");
  await stand.texts(SAM, 40);
  const app = await stand.open(page, talk);
  await expect(app.getByRole("listitem")).toHaveCount(30);
  await listen(app);
  await app.getByRole("button", { name: "Earlier" }).click();
  await expect(app.getByText("Hello", { exact: true })).toBeAttached();
  expect(await told(app)).toEqual([]);
  await expect(app.getByRole("log")).toHaveAttribute("aria-live", "polite");
  await stand.text(SAM, "And now?");
  await expect.poll(async () => (await told(app)).filter((it) => it.includes("And now?")).length).toBe(1);
});
