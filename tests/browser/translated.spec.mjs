// Browsers that translate replace text nodes: what changes later is still seen.
import { ADAS_PHONE, SAM, expect, test } from "./stand.mjs";

for (const [kind, kept] of [["keeps what is not to be translated", "[translate=no], .notranslate, "], ["translates everything", ""]]) {
  test(`a page goes on changing in a browser that ${kind}`, async ({ page, stand }) => {
    const talk = await stand.firstContact(SAM, "Por favor, llámeme");
    await stand.farEnd(ADAS_PHONE, { kind: "by_hand" });
    await stand.farEnd(SAM, { kind: "by_hand" });
    const app = await stand.open(page, talk);
    // As Google Translate does it: each text node becomes <font><font>words</font></font>, now and later.
    await app.locator("#sidebar").evaluate((root, kept) => {
      const skip = (node) => !node.data.trim() || !node.parentElement || node.parentElement.closest(`font, ${kept}script, style, textarea`);
      const change = (from) => {
        const [walker, nodes] = [document.createTreeWalker(from, NodeFilter.SHOW_TEXT), from.nodeType === Node.TEXT_NODE ? [from] : []];
        while (walker.nextNode()) nodes.push(walker.currentNode);
        for (const node of nodes.filter((it) => !skip(it))) {
          const [outer, inner] = [document.createElement("font"), document.createElement("font")];
          inner.textContent = node.data;
          outer.append(inner);
          node.replaceWith(outer);
        }
      };
      change(root);
      const more = (it) => (it.type === "characterData" ? change(it.target) : it.addedNodes.forEach(change));
      new MutationObserver((all) => all.forEach(more)).observe(root, { childList: true, characterData: true, subtree: true });
    }, kept);
    // People's words are translated all the same.
    await expect(app.locator("#log .what p font").first()).toBeAttached();
    if (kept) await expect(app.locator(":is(header, section, .about, .mark, button) font")).toHaveCount(0);
    await app.getByRole("button", { name: "Call back" }).click();
    await expect(app.getByText("Your phone rings…")).toBeVisible();
    await stand.deed(await stand.ringing(ADAS_PHONE), "answer");
    await expect(app.getByText(/Press \d{4} on your phone/)).toBeVisible();
    await app.getByRole("button", { name: "Cancel" }).click();
    await expect(app.getByText("The call was cancelled")).toBeVisible();
    await stand.text(SAM, "¿Hola?");
    await expect(app.getByText("¿Hola?")).toBeVisible();
    await app.getByLabel("Text by SMS").fill("Sí");
    await expect(app.getByText("2 characters, 1 text")).toBeVisible();
    await page.keyboard.press("ControlOrMeta+Enter");
    await expect(app.getByRole("listitem").filter({ hasText: "Sí" })).toContainText("Delivered");
  });
}
