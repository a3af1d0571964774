//! The description of `/v1`, judged by others: a validator, and a tester that makes up requests from it.

use std::path::PathBuf;
use std::time::Duration;

use ringside_tests::runtime::{HttpRequest, Stand, TOKEN, api_keys};
use ringside_tests::workspace;
use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::SAM;

/// How many requests the tester makes up for each operation in each of its ways.
const EXAMPLES: &str = "20";

/// How long it may take on a machine that is busy with other things.
const AT_MOST: Duration = Duration::from_mins(12);

fn with_key(request: HttpRequest) -> HttpRequest {
    request.with("authorization", &["Bearer ", TOKEN].concat())
}

/// A Worker with a key, and its description in a file.
async fn described() -> (Stand, PathBuf) {
    let stand = Stand::start(|vars| vars["API_KEYS"] = api_keys()).await;
    let answer = stand.fetch(&with_key(HttpRequest::plain("GET", "/v1/openapi.json"))).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert!(!answer.header("ratelimit-remaining").is_empty());
    let file = std::env::temp_dir().join(format!("ringside-openapi-{}.json", stand.worker.port()));
    std::fs::write(&file, &answer.body).expect("a file");
    (stand, file)
}

#[tokio::test]
async fn the_description_opens_with_any_key_and_an_outside_validator_finds_it_good() {
    let (stand, file) = described().await;
    let without = stand.fetch(&HttpRequest::plain("GET", "/v1/openapi.json")).await;
    assert_eq!((without.status, without.problem().as_str()), (401, "key_missing"));
    let mut lint = Command::new(workspace().join("node_modules/.bin/node"));
    lint.arg(workspace().join("node_modules/@redocly/cli/bin/cli.js")).arg("lint").arg(&file);
    lint.args(["--extends", "recommended-strict", "--format", "stylish"]);
    // The Worker of this test has an address of this machine's.
    lint.args(["--skip-rule", "no-server-example.com"]);
    lint.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_NOTIFICATIONS", "true");
    let judged = lint.output().await.expect("npm's node is in node_modules: run `cargo xtask set-up`");
    let said = [judged.stdout, judged.stderr].concat();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&said));
    std::fs::remove_file(file).expect("the file");
}

/// What a program sends, and to whom.
const SENDING: &str = "^/v1/(messages|people|templates|verifications)";

/// `cargo xtask test` installs the tester where Python is there, and names it in SCHEMATHESIS.
#[tokio::test]
async fn requests_made_up_to_send_meet_what_the_description_says() {
    made_up(["--include-path-regex", SENDING]).await;
}

#[tokio::test]
async fn all_other_requests_made_up_from_the_description_meet_what_it_says() {
    made_up(["--exclude-path-regex", SENDING]).await;
}

/// A key has 600 requests, and 10 a second from then on; the tester waits when it is told to. So each half of the operations has a
/// key of its own.
async fn made_up(paths: [&str; 2]) {
    let Some(tester) = std::env::var_os("SCHEMATHESIS") else {
        println!("SKIPPED: the tester of the description, since SCHEMATHESIS does not name its file");
        return;
    };
    let (stand, file) = described().await;
    let sent = with_key(HttpRequest::plain("POST", "/v1/messages").saying(
        serde_json::json!({ "hotline": "VOTERS", "to": SAM, "class": "service", "body": "Hello" }).to_string(),
    ));
    let sent: Value = serde_json::from_slice(&stand.fetch(&sent).await.body).expect("JSON");
    let settings = file.with_extension("toml");
    std::fs::write(&settings, settings_of(sent["id"].as_str().expect("an id"))).expect("a file");
    let mut run = Command::new(tester);
    run.arg("--config-file").arg(&settings).arg("run").arg(&file).args(["--url", &stand.worker.url]);
    run.args([
        "--header",
        &format!("Authorization: Bearer {TOKEN}"),
        "--max-examples",
        EXAMPLES,
        "--seed",
        "1",
        "--rate-limit",
        "auto",
    ]);
    run.args(paths).args(["--checks", CHECKS, "--no-color", "--warnings", "off"]);
    run.current_dir(std::env::temp_dir()).env("NO_PROXY", "127.0.0.1").kill_on_drop(true);
    let judged = timeout(AT_MOST, run.output()).await.expect("it ends in time").expect("it starts");
    let said = [judged.stdout, judged.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(judged.status.success(), "{said}");
    println!("{said}");
    std::fs::remove_file(file).and_then(|()| std::fs::remove_file(settings)).expect("the files");
}

/// No error of ours, nothing that is not described, and nothing taken that the description forbids.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance";

/// A hotline and a message that there are, so that not every request ends at the first thing that it names.
fn settings_of(message: &str) -> String {
    format!(
        "[dictionaries.messages]\nvalues = [\"{message}\"]\n\
         [dictionaries.hotlines]\nvalues = [\"VOTERS\"]\n\
         [parameters]\n\
         \"path.id\" = {{ dictionary = \"messages\", probability = 0.7 }}\n\
         \"body.hotline\" = {{ dictionary = \"hotlines\", probability = 0.9 }}\n"
    )
}
