// The pages about the API: the reference, which a renderer makes from its description, and the errors.
import { expect, test } from "./stand.mjs";

test("the reference page is whole, and names every operation", async ({ page, stand }) => {
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).origin));
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${stand.worker}/assets/api.html`);
  await page.getByText("Messages", { exact: true }).first().click();
  for (const operation of ["Send a message", "Read a message", "Explain a message", "Cancel a message"]) {
    await expect(page.getByText(operation, { exact: true }).first()).toBeVisible();
  }
  await page.getByText("Send a message", { exact: true }).first().click();
  await expect(page.getByRole("heading", { name: "Send a message" })).toBeVisible();
  await expect(page.getByText("What it says; required where there is neither").first()).toBeVisible();
  expect(new Set(asked.filter((origin) => origin.startsWith("http")))).toEqual(new Set([stand.worker]));
});

test("a problem's type leads to its place on the page of errors", async ({ page, stand, request }) => {
  const problem = await (await request.get(`${stand.worker}/v1/messages/1`)).json();
  expect(problem.code).toBe("key_missing");
  await page.goto(problem.type);
  await expect(page.getByRole("heading", { name: "Errors of the API" })).toBeVisible();
  await expect(page.locator("dt:target")).toContainText("key_missing");
  const family = await page.locator("body").evaluate((body) => getComputedStyle(body).fontFamily);
  expect(family, "the page's own policy lets its style in").toContain("sans-serif");
});
