// Chromium, the one that the machine has, which `cargo xtask test` names; and Firefox where it is installed.
//
// A story is told once; those about where things are also at the other widths that Help Scout's sidebar has, by the
// project's name, and the main ways in Firefox too.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { defineConfig } from "@playwright/test";

const WIDTHS = [220, 270, 320];
const USUAL = 270;

/** Firefox: the one that `FIREFOX` names, else the machine's own. It is driven by WebDriver BiDi, so any since 147 will do. */
function firefox() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = ["firefox-esr", "firefox"].flatMap((name) => folders.map((folder) => join(folder, name)));
  return process.env.FIREFOX ?? [...found, "/Applications/Firefox.app/Contents/MacOS/firefox"].find((file) => existsSync(file));
}

const executablePath = firefox();
// The main process says it, not each worker.
if (!executablePath && process.env.TEST_WORKER_INDEX === undefined) {
  console.log("Firefox is not installed: its browser tests are SKIPPED. Install firefox-esr, or name its file in FIREFOX.");
}

export default defineConfig({
  testDir: ".",
  globalSetup: "./server.mjs",
  outputDir: "../../target/browser-tests",
  workers: 2,
  // The first tests of a run start Chromium and workerd from a cold disk, which takes most of a minute on a busy machine.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  projects: [
    ...WIDTHS.map((width) => ({
      name: `w${width}`, use: { width }, testIgnore: "**/firefox.spec.mjs", grep: width === USUAL ? undefined : /@width/,
    })),
    ...(executablePath ? [FIREFOX(executablePath)] : []),
  ],
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

/** The main ways in Firefox, and where browsers differ most. It logs no failed request, which one story expects. */
function FIREFOX(executablePath) {
  return {
    name: "firefox",
    testMatch: ["**/firefox.spec.mjs", "**/hardship.spec.mjs", "**/start.spec.mjs", "**/log.spec.mjs"],
    grepInvert: /while Twilio cannot be reached/,
    use: {
      browserName: "firefox",
      channel: "moz-firefox",
      width: USUAL,
      launchOptions: {
        executablePath,
        args: [],
        firefoxUserPrefs: {
          // Nothing leaves the machine: every host but our own is asked for at a proxy that is not there.
          "network.proxy.type": 1,
          "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9,
          "network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9,
          "network.proxy.no_proxies_on": "127.0.0.1, localhost",
        },
      },
    },
  };
}
