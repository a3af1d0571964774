//! The examples of docs/API.md, as whoever copies them runs them.

use std::process::Stdio;

use ringside_tests::runtime::{Stand, TOKEN, api_keys};
use ringside_tests::workspace;
use tokio::process::Command;

use crate::SAM;

const BODY: &str = "Your ballot was received.";

#[tokio::test]
async fn the_examples_send_wait_and_say_why() {
    let stand = Stand::start(|vars| vars["API_KEYS"] = api_keys()).await;
    let mut sent = 0;
    for (program, example) in [("sh", "send.sh"), ("node", "send.mjs"), ("python3", "send.py")] {
        if program == "python3" && !there_is(program) {
            println!("SKIPPED: {example}, since python3 is not on PATH");
            continue;
        }
        let output = Command::new(program)
            .arg(workspace().join("docs/examples").join(example))
            .args(["VOTERS", SAM, BODY])
            .env("RINGSIDE_URL", &stand.worker.url)
            .env("RINGSIDE_KEY", TOKEN)
            .env("NO_PROXY", "127.0.0.1")
            .output()
            .await
            .expect(program);
        sent += 1;
        let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{example}: {said}{errors}");
        assert!(said.starts_with("delivered") && said.contains("send"), "{example}: {said}");
        let arrived = stand.world(|world| world.twilio.phone(SAM).len());
        assert_eq!(arrived, sent, "{example}");
    }
}

#[tokio::test]
async fn an_example_ends_with_what_was_refused() {
    let stand = Stand::start(|vars| vars["API_KEYS"] = api_keys()).await;
    let node = Command::new("node")
        .arg(workspace().join("docs/examples/send.mjs"))
        .args(["VOTERS", "nobody", BODY])
        .env("RINGSIDE_URL", &stand.worker.url)
        .env("RINGSIDE_KEY", TOKEN)
        .output();
    let output = node.await.expect("node");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.starts_with("refused This is no phone number."), "{said}");
}

fn there_is(program: &str) -> bool {
    let silent =
        std::process::Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    silent.is_ok_and(|status| status.success())
}
