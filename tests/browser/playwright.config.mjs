// Chromium alone: the one that the machine has, which `cargo xtask test` names.
//
// Every story is told at the three widths that Help Scout's sidebar has, by the project's name; what is no matter of
// width is told once.
import { defineConfig } from "@playwright/test";

const WIDTHS = [220, 270, 320];
const ONCE = ["**/playground.spec.mjs", "**/drafts.spec.mjs", "**/helpscout_sdk.spec.mjs", "**/strangers.spec.mjs"];

export default defineConfig({
  testDir: ".",
  outputDir: "../../target/browser-tests",
  workers: 2,
  // The first tests of a run start Chromium and workerd from a cold disk, which takes most of a minute on a busy machine.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  projects: WIDTHS.map((width) => ({ name: `w${width}`, use: { width }, testIgnore: width === 270 ? [] : ONCE })),
  use: {
    browserName: "chromium",
    viewport: { width: 420, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        // Nothing leaves the machine, whatever a page asks for.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
      ],
    },
  },
});
