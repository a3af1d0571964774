// The program on the playground's page: it sends by /v1, says why not, and hears what happens.
import { SAM, expect, test } from "./stand.mjs";

const open = async (page, stand) => {
  await page.setViewportSize({ width: 1_280, height: 720 });
  await page.goto(stand.emulator);
  await page.getByRole("button", { name: "A program" }).click();
  await expect(page.getByRole("button", { name: "A program" })).toHaveAttribute("aria-expanded", "true");
  const program = page.getByRole("region", { name: "A program" });
  // The pane has its key by then.
  await expect(program.getByLabel("To")).toHaveValue(SAM);
  return program;
};

test("what the program sends arrives on the phone, and an agent sees it beside the answer", async ({ page, stand }, info) => {
  const program = await open(page, stand);
  await program.getByLabel("Text").fill("Your ballot was received.");
  await program.getByRole("button", { name: "Send", exact: true }).click();
  await expect(program.getByRole("status")).toContainText(/accepted|queued|sent/);
  await expect(page.locator("#bubbles").getByText("Your ballot was received.")).toBeVisible();
  await page.screenshot({ path: info.outputPath("program.png") });
  await stand.text(SAM, "Thank you");
  await expect(page.locator("#threads").getByText("This answers a message that the program shop has sent")).toBeVisible();
  await expect(page.frameLocator("iframe.app").getByText("Your ballot was received.")).toBeVisible();
  await expect(program.getByRole("listitem").filter({ hasText: "message.received" })).toContainText("Thank you");
  await expect(program.getByRole("listitem").filter({ hasText: "message.updated" }).first()).toContainText("delivered");
  await page.screenshot({ path: info.outputPath("program-hears.png") });
  await page.keyboard.press("Escape");
  await page.screenshot({ path: info.outputPath("sidebar-of-program.png") });
});

test("a refusal is told in words, and nothing is sent", async ({ page, stand }) => {
  const program = await open(page, stand);
  await program.getByLabel("Class").selectOption("promotion");
  await program.getByRole("button", { name: "Send", exact: true }).click();
  await expect(program.getByRole("status")).toContainText("refused");
  await expect(program.getByRole("status")).toContainText("consent");
  await program.getByLabel("Class").selectOption("service");
  await program.getByLabel("To").fill("nobody");
  await program.getByRole("button", { name: "Send", exact: true }).click();
  await expect(program.getByRole("status")).toContainText("refused");
  await program.getByLabel("To").fill(SAM);
  await program.getByLabel("Ask only").check();
  await program.getByRole("button", { name: "Send", exact: true }).click();
  await expect(program.getByRole("status")).toContainText("It leaves from +15550100001");
  expect((await stand.state()).phones[SAM] ?? []).toEqual([]);
});

test("the curl line does what the form does", async ({ page, stand, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const program = await open(page, stand);
  await program.getByLabel("Text").fill("It's here");
  await program.getByRole("button", { name: "Copy" }).click();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toContain("curl");
  const line = await copied();
  const { execFileSync } = await import("node:child_process");
  const item = JSON.parse(execFileSync("sh", ["-c", line.replace("curl", "curl --noproxy '*' -sS")], { encoding: "utf8" }));
  expect(item.decision.outcome).toBe("send");
  await expect(page.locator("#bubbles").getByText("It's here")).toBeVisible();
});
