//! Twilio's own Node library judges the Twilio look-alike: its validator the webhooks, its client the REST answers.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use emulator::server::{Running, Settings, start};
use emulator::twilio::{
    Campaign, DEVELOPMENT_ACCOUNT_SID, DEVELOPMENT_AUTH_TOKEN, DEVELOPMENT_NUMBER, MessagingService, Sender,
};
use ringside_tests::workspace;
use ringside_tests::world::violations;
use serde_json::{Value, json};

const ANNA: &str = "+15550100100";

/// A script of `oracles/` that runs until it is dropped.
struct Oracle {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    fn ask(script: &str, arguments: &[&str]) -> Self {
        let workspace = workspace();
        let mut process = Command::new(workspace.join("node_modules/.bin/node"))
            .arg(workspace.join("tests/oracles").join(script))
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("npm's node is in node_modules: run `npm ci`");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        Self { process, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the oracle speaks UTF-8");
        assert!(!line.is_empty(), "the oracle ended without a word");
        line.trim_end().to_owned()
    }

    fn json(&mut self) -> Value {
        serde_json::from_str(&self.line()).expect("the oracle speaks JSON")
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn emulator(worker: &str, change: impl FnOnce(&mut Settings)) -> Running {
    let mut settings = Settings::development(0, worker);
    change(&mut settings);
    start(settings).await.expect("a free port")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_validator_accepts_every_webhook() {
    let mut validator = Oracle::ask("twilio-signatures.mjs", &[DEVELOPMENT_AUTH_TOKEN]);
    let receiver = validator.line();
    let webhooks = ["/plain", "/fragment#rc=3&rp=5xx,ct,rt", "/query?a=1&b=two%20words@x:y", "/"];
    let bodies = ["Hi", "", "é 😀 & = + % \u{0} 'quoted' \"so\"\n\r\n  spaced  "];
    for path in webhooks {
        let running = emulator(&receiver, |it| {
            it.twilio.senders.iter_mut().for_each(|sender| sender.webhook = format!("{receiver}{path}"));
        })
        .await;
        for body in bodies {
            for from in [ANNA, "whatsapp:+15550100100", "anonymous"] {
                let channel = if from.starts_with("whatsapp:") { "whatsapp:" } else { "" };
                let media = vec![("image/png".to_owned(), b"png".to_vec())];
                running.with(|world| {
                    let now = world.now();
                    world.twilio.text_in(now, from, &format!("{channel}{DEVELOPMENT_NUMBER}"), body, media)
                });
                let verdict = validator.json();
                let expected = path.split('#').next().unwrap_or_default();
                assert_eq!(
                    (&verdict["good"], &verdict["good_with_another"]),
                    (&json!(true), &json!(false)),
                    "{verdict}"
                );
                assert_eq!((&verdict["target"], &verdict["params"]["Body"]), (&json!(expected), &json!([body])));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_validator_accepts_the_states_of_a_message() {
    let mut validator = Oracle::ask("twilio-signatures.mjs", &[DEVELOPMENT_AUTH_TOKEN]);
    let callback = format!("{}/status?message=1", validator.line());
    let running = emulator("http://127.0.0.1:9", |_| {}).await;
    let messages = format!("{}/twilio/2010-04-01/Accounts/{DEVELOPMENT_ACCOUNT_SID}/Messages.json", running.url());
    // Only `?` and `=` of the callback's characters mean something else in a form.
    let callback = callback.replace('?', "%3F").replace('=', "%3D");
    let form = format!("To=%2B15550100100&From=%2B15550100001&Body=Hi&StatusCallback={callback}");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let create = client.post(messages).basic_auth(DEVELOPMENT_ACCOUNT_SID, Some(DEVELOPMENT_AUTH_TOKEN));
    let create = create.header("content-type", "application/x-www-form-urlencoded").body(form);
    assert_eq!(create.send().await.expect("an answer").status(), 201);
    for status in ["sent", "delivered"] {
        let verdict = validator.json();
        assert_eq!((&verdict["good"], &verdict["target"]), (&json!(true), &json!("/status?message=1")), "{verdict}");
        assert_eq!(verdict["params"]["MessageStatus"], json!([status]));
    }
    conforms(&running);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_sends_lists_redacts_and_deletes() {
    let running = emulator("http://127.0.0.1:9", |_| {}).await;
    let arguments = [&running.url(), DEVELOPMENT_ACCOUNT_SID, DEVELOPMENT_AUTH_TOKEN, DEVELOPMENT_NUMBER, ANNA];
    let found = Oracle::ask("twilio-client.mjs", &arguments).json();

    let created = &found["created"];
    let expected = json!({
        "accountSid": DEVELOPMENT_ACCOUNT_SID, "apiVersion": "2010-04-01", "body": "Hello from Twilio's own client",
        "direction": "outbound-api", "errorCode": null, "from": DEVELOPMENT_NUMBER, "messagingServiceSid": null,
        "numMedia": "0", "numSegments": "1", "price": null, "priceUnit": "USD", "status": "queued", "to": ANNA,
        "dateSent": null,
    });
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(&created[field], value, "{field}");
    }
    assert_eq!(found["dates"], json!([true, true]));
    assert_eq!(found["fetched"]["status"], "delivered");
    assert_eq!(sids(&found["listed"]), sids(&found["made"]), "over two pages, each once");
    assert_eq!((&found["others"], &found["redacted"], &found["removed"]), (&json!(0), &json!(""), &json!(true)));
    let number = json!({"phoneNumber": "+15550100101", "valid": true, "nationalFormat": "(555) 010-0101"});
    assert_eq!(found["number"], number);
    for (refusal, status, code) in [("gone", 404, 20404), ("invalid", 400, 21211), ("stranger", 401, 20003)] {
        let refused = &found[refusal];
        assert_eq!((&refused["status"], &refused["code"]), (&json!(status), &json!(code)), "{refused}");
        assert_eq!(refused["moreInfo"], format!("https://www.twilio.com/docs/errors/{code}"));
    }
    let bodies: Vec<_> =
        running.with(|world| world.twilio.phone(ANNA)).into_iter().map(|message| message.body).collect();
    assert_eq!(bodies.first().map(String::as_str), Some("Hello from Twilio's own client"));
    conforms(&running);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_buys_points_and_gives_back_a_number() {
    let sid = "MG00000000000000000000000000000001";
    let running = emulator("http://127.0.0.1:9", |it| {
        it.twilio.services.push(MessagingService { sid: sid.into(), ..MessagingService::default() });
    })
    .await;
    let arguments = [&running.url(), DEVELOPMENT_ACCOUNT_SID, DEVELOPMENT_AUTH_TOKEN, sid];
    let found = Oracle::ask("twilio-numbers.mjs", &arguments).json();
    let (texts, calls) = ("https://hotline.example.org/twilio/messages", "https://hotline.example.org/twilio/calls");
    let expected = json!({
        "offered": ["+14155550100", "+14155550101", "+14155550102"],
        "price": "1.15",
        "found": [{"number": "+14155550100", "smsUrl": texts, "voiceUrl": null, "sms": true}],
        "voiceUrl": calls,
        "taken": {"status": 400, "code": 21422},
        "put": "+14155550100",
        "twice": {"status": 409, "code": 21710},
        "held": ["+14155550100"],
        "pointed": [texts, false],
        "services": [sid],
        "mobile": {"status": 404, "code": 20404},
        "released": true,
        "gone": {"status": 404, "code": 20404},
    });
    assert_eq!(found, expected);
    conforms(&running);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_reads_what_the_doctor_reads() {
    let (service, brand) = ("MG00000000000000000000000000000001", "BN00000000000000000000000000000001");
    let toll_free = "+18005550100";
    let running = emulator("http://127.0.0.1:9", |it| {
        let twilio = &mut it.twilio;
        twilio.senders.push(Sender { address: toll_free.into(), ..Sender::default() });
        twilio.senders[0].kept.insert("voice_region".into(), "ie1".into());
        twilio.toll_free_verifications.insert(toll_free.into(), "IN_REVIEW".into());
        twilio.brands.insert(brand.into(), "APPROVED".into());
        let campaign = Some(Campaign { status: "VERIFIED".into(), brand: brand.into() });
        twilio.services.push(MessagingService { sid: service.into(), campaign, ..MessagingService::default() });
    })
    .await;
    running.with(|world| {
        let now = world.now();
        world.twilio.text_in(now, ANNA, DEVELOPMENT_NUMBER, "Hi", vec![])
    });
    while running.with(|world| world.twilio.debugger().is_empty()) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let error = running.with(|world| world.twilio.debugger()[0].clone());
    let (url, account, token) = (running.url(), DEVELOPMENT_ACCOUNT_SID, DEVELOPMENT_AUTH_TOKEN);
    let arguments = [url.as_str(), account, token, service, brand, DEVELOPMENT_NUMBER, toll_free];
    let found = Oracle::ask("twilio-account.mjs", &arguments).json();
    let expected = json!({
        "account": [account, "active", "Full"],
        "balance": ["100.00", "USD"],
        "campaigns": [["VERIFIED", brand]],
        "brand": "APPROVED",
        "verifications": [[toll_free, "IN_REVIEW"]],
        "country": ["US", true],
        "region": "ie1",
        "noRegion": {"status": 404, "code": 20404},
        "alerts": [[error.code.to_string(), error.url]],
    });
    assert_eq!(found, expected);
    conforms(&running);
}

/// All that was said conforms to Twilio's OpenAPI description.
fn conforms(running: &Running) {
    assert_eq!(running.with(|world| violations(&world.twilio)), [""; 0]);
}

fn sids(list: &Value) -> Vec<&str> {
    let mut sids: Vec<_> = list.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    sids.sort_unstable();
    sids
}
