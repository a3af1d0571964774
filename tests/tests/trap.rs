//! `worker/entry.mjs` around a program that traps on purpose: what a panic in wasm would otherwise leave hanging.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use ringside_tests::runtime::{Program, RINGSIDE, Workerd, free_port};
use ringside_tests::workspace;
use serde_json::json;

/// `(module (func (export "trap") unreachable))`.
const TRAP: [u8; 35] = [
    0, 97, 115, 109, 1, 0, 0, 0, // magic, version
    1, 4, 1, 96, 0, 0, // type: () -> ()
    3, 2, 1, 0, // one function of it
    7, 8, 1, 4, 116, 114, 97, 112, 0, 0, // export "trap"
    10, 5, 1, 3, 0, 0, 11, // its code: unreachable
];

/// What stands in for the build: the same exports, an object that hangs and traps when it is told to, and an alarm that
/// traps the first time.
const PROGRAM: &str = r#"
import module from "./index_bg.wasm";

let instanceId = 1;

const trap = () => {
  instanceId += 1;
  new WebAssembly.Instance(module).exports.trap();
};

export const __worker_init_state = () => ({ instanceId });

export async function fetch(request, env) {
  if (new URL(request.url).pathname === "/healthz") return new Response("ok");
  return env.CONTACT.getByName("x").fetch(request);
}

export class Contact {
  constructor(state) {
    this.storage = state.storage;
    this.instance = instanceId;
  }

  async fetch(request) {
    // As wasm-bindgen has it.
    if (this.instance !== instanceId) throw new Error("Invalid stale object from previous Wasm instance");
    const path = new URL(request.url).pathname;
    if (path === "/hang") return new Promise(() => {});
    if (path === "/trap") trap();
    if (path === "/alarm") await this.storage.setAlarm(Date.now());
    return new Response(String((await this.storage.get("alarms")) ?? 0));
  }

  async alarm() {
    const alarms = ((await this.storage.get("alarms")) ?? 0) + 1;
    await this.storage.put("alarms", alarms);
    if (alarms === 1) trap();
  }
}

export { Contact as Call, Contact as ApiKey, Contact as Audience, Contact as Directory, Contact as RateLimiter };
export { Contact as Participant, Contact as Endpoint, Contact as Monitor, Contact as VerificationLimit };
"#;

/// The program's folder, with the Worker's own entry in it.
fn program() -> (PathBuf, Program) {
    let folder = std::env::temp_dir().join(format!("ringside-trap-{}", std::process::id()));
    fs::create_dir_all(folder.join("build")).expect("a folder");
    let entry = workspace().join("worker/entry.mjs");
    fs::copy(entry, folder.join("entry.mjs")).expect("the entry");
    fs::write(folder.join("build/index.js"), PROGRAM).expect("the program");
    fs::write(folder.join("build/index_bg.wasm"), TRAP).expect("its wasm");
    let program = Program { folder: folder.to_string_lossy().into_owned().leak(), ..RINGSIDE };
    (folder, program)
}

#[tokio::test]
async fn a_trap_fails_all_that_is_under_way_at_once_and_the_alarm_comes_again() {
    let (folder, program) = program();
    let worker = Workerd::start(&program, free_port(), &json!({})).await;
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let hanging = tokio::spawn(http.get(format!("{}/hang", worker.url)).send());
    let get = async |path: &str| http.get(format!("{}{path}", worker.url)).send().await.expect(path);
    // The hanging request is under way when the object has answered another one after it.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(get("/").await.status(), 200);
    assert_eq!(get("/trap").await.status(), 500);
    let hung = tokio::time::timeout(Duration::from_secs(20), hanging).await.expect("it hangs for ever");
    assert_eq!(hung.expect("no panic").expect("an answer").status(), 500);
    assert_eq!(get("/alarm").await.status(), 200);
    for _ in 0..600 {
        if get("/").await.text().await.expect("a number") == "2" {
            let _ = fs::remove_dir_all(folder);
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the alarm did not come again:\n{}", worker.log());
}
