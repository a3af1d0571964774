// The program that each story starts for itself is compiled once, and then started without cargo, which would look at every
// package again for each.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export default function compile() {
  const tests = join(import.meta.dirname, "..");
  // As cargo tells it to what it runs.
  process.env.CARGO_MANIFEST_DIR = tests;
  // `cargo xtask test` has compiled it with everything else.
  if (process.env.TEST_SERVER) return;
  const build = ["build", "--locked", "--quiet", "--package", "ringside-tests", "--bin", "test_server", "--message-format=json-render-diagnostics"];
  const { status, stdout, error } = spawnSync("cargo", build, { cwd: tests, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`cargo did not build test_server: ${error ?? status}`);
  const built = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  process.env.TEST_SERVER = built.find((it) => it.executable && it.target.name === "test_server").executable;
}
