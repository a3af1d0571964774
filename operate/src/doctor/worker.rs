//! The Worker at PUBLIC_URL, asked as Twilio, Help Scout and an operator would ask it. Nothing of it touches a person's object.

use hotline::config::Hotline;
use hotline::domain::signature::{helpscout, twilio};
use hotline::form::{Form, encode};
use hotline::health::senders_of;
use serde_json::{Value, json};

use super::clock::Clocks;
use super::codes::{Code, Source};
use super::report::{Place, Report};
use crate::apply::challenge::{self, Proof};
use crate::asked::Asked;
use crate::failure::Outcome;
use crate::http::{Answer, Content, Credentials, Http, NoAnswer, side_by_side};
use crate::project::Project;

/// What is judged here.
const RESOURCE: &str = "worker";

/// A message that Twilio never made: no SID has only zeros.
const NO_MESSAGE: &str = "SM00000000000000000000000000000000";

/// The key with which an operator asks.
const KEY: &str = "RINGSIDE_API_KEY";

/// What the Worker answered.
pub struct Worker {
    challenge: Asked<Proof>,
    /// The status of each probe.
    probes: Vec<(Source, Asked<u16>)>,
    health: Asked<Answer>,
}

/// Asks the Worker; what hangs on the challenge waits for it, so that no signature goes to something that is not ours.
pub fn read(http: &Http, project: &Project, clocks: &Clocks, report: &Report) -> Worker {
    const HEALTH: [Source; 2] = [Source::HealthKey, Source::Health];
    const PROBES: [Source; 3] = [Source::TwilioProbe, Source::WebhookProbe, Source::SidebarProbe];
    let probes = PROBES.into_iter().filter(|source| report.wants(&[*source])).collect::<Vec<_>>();
    let wants_health = report.wants(&HEALTH);
    if probes.is_empty() && !wants_health && !report.wants(&[Source::Challenge, Source::Clocks]) {
        return Worker { challenge: Asked::Not, probes: Vec::new(), health: Asked::Not };
    }
    let challenge = Asked::from(challenge::prove(http, project, |answer| clocks.look(RESOURCE, answer)));
    if challenge.answer() != Some(&Proof::Right) {
        let unknown = "PUBLIC_URL is not known to be this Worker";
        let probes = probes.into_iter().map(|source| (source, Asked::Failed(unknown.to_owned()))).collect();
        return Worker { challenge, probes, health: Asked::Failed(unknown.to_owned()) };
    }
    // Nothing: health.
    let asked: Vec<Option<Source>> = probes.into_iter().map(Some).chain(wants_health.then_some(None)).collect();
    let answers = side_by_side(&asked, |source| match source {
        Some(source) => Asked::from(probe(http, project, *source)),
        None => Asked::from(health(http, project)),
    });
    let mut worker = Worker { challenge, probes: Vec::new(), health: Asked::Not };
    for (source, answer) in asked.into_iter().zip(answers) {
        match source {
            Some(source) => worker.probes.push((source, answer.map(|answer| answer.status))),
            None => worker.health = answer,
        }
    }
    worker
}

/// A request as the service itself would sign it.
fn probe(http: &Http, project: &Project, source: Source) -> Outcome<Answer> {
    let url = &project.config.public_url;
    let secret = |name: &str| project.needed_secret(name);
    let sent = match source {
        Source::TwilioProbe => {
            let url = format!("{url}/twilio/messages/status");
            let body = encode(&[("MessageSid", NO_MESSAGE), ("MessageStatus", "delivered")]);
            let form = Form::parse(body.as_bytes());
            let signature = twilio::sign(secret("TWILIO_AUTH_TOKEN")?.expose(), &url, &form);
            let content = Content::Form(form.all().to_vec());
            http.send("POST", &url, &[("x-twilio-signature", signature)], Some(&content))
        }
        Source::WebhookProbe => {
            let body = json!({"id": 0}).to_string();
            let signature = helpscout::sign_webhook(secret("HELPSCOUT_WEBHOOK_SECRET")?.expose(), body.as_bytes());
            let headers = [("x-helpscout-event", "helpscout.test".to_owned()), ("x-helpscout-signature", signature)];
            http.send("POST", &format!("{url}/helpscout/webhook"), &headers, Some(&Content::SignedJson(body)))
        }
        _ => {
            // No inbox has this id, so no conversation is looked up.
            let form = Form::parse(b"conversation-id=0&mailbox-id=0&user-id=0");
            let query = helpscout::sign_sidebar(secret("HELPSCOUT_SIDEBAR_SECRET")?.expose(), &form);
            http.send("GET", &format!("{url}/helpscout/sidebar?{query}"), &[], None)
        }
    };
    sent.map_err(silent)
}

fn silent(NoAnswer(reason): NoAnswer) -> crate::failure::Failure {
    crate::failure::Failure::new("public_url_silent", format!("the Worker does not answer: {reason}"))
}

fn health(http: &Http, project: &Project) -> Outcome<Answer> {
    let key = Credentials::Bearer(project.needed_secret(KEY)?);
    http.get_once(&format!("{}/v1/health", project.config.public_url), &key).map_err(silent)
}

/// Judges what it answered.
pub fn judge(worker: &Worker, hotlines: &[&Hotline], project: &Project, report: &mut Report) {
    let url = &project.config.public_url;
    if let Some(proof) = report.take(&worker.challenge, Source::Challenge) {
        let place = Place::new(RESOURCE, "PUBLIC_URL").named(url);
        match proof {
            Proof::Right => {}
            Proof::Silent(how) => report.find(Code::PublicUrlSilent, place, how.as_str(), "an answer"),
            Proof::Redirects(status) => report.find(Code::PublicUrlRedirects, place, *status, 200),
            Proof::Other(status) => {
                report.find(
                    Code::PublicUrlOther,
                    place,
                    format!("{status}, without the right proof"),
                    "the right proof",
                );
            }
        }
    }
    for (source, status) in &worker.probes {
        let (code, refusal, field) = match source {
            Source::TwilioProbe => (Code::WorkerTwilioToken, 403, "TWILIO_AUTH_TOKEN"),
            Source::WebhookProbe => (Code::WorkerWebhookSecret, 401, "HELPSCOUT_WEBHOOK_SECRET"),
            _ => (Code::WorkerSidebarSecret, 401, "HELPSCOUT_SIDEBAR_SECRET"),
        };
        match report.take(status, *source) {
            Some(status) if *status == refusal => report.find(code, Place::new(RESOURCE, field), *status, "2xx"),
            Some(status) if *status >= 500 => report.skip_code(code, &format!("the Worker answers {status}")),
            _ => {}
        }
    }
    report.take(&worker.health, Source::HealthKey);
    if let Some(answer) = report.take(&worker.health, Source::Health) {
        judge_health(answer, hotlines, report);
    }
}

/// `/v1/health` (OPERATE, health). One of another release has other fields.
fn judge_health(answer: &Answer, hotlines: &[&Hotline], report: &mut Report) {
    let body = &answer.body;
    match answer.status {
        401 | 403 => {
            report.find(Code::WorkerKeyRefused, Place::new(RESOURCE, KEY), answer.status, 200);
            report.skip(Source::Health, "worker_key_refused");
            return;
        }
        200 | 503 if body["status"].is_string() && body["hotlines"].is_array() => {}
        status => {
            report.skip(Source::Health, &format!("/v1/health answers {status} in a form that is not understood"));
            return;
        }
    }
    if body["status"] != "ok" {
        let reasons = body["reasons"].as_array().into_iter().flatten();
        let reasons: Vec<Value> = reasons.map(|it| it["code"].clone()).collect();
        report.find(Code::WorkerUnwell, Place::new(RESOURCE, "status"), reasons, "ok");
    }
    let there: Vec<&Value> = body["hotlines"].as_array().into_iter().flatten().collect();
    for hotline in hotlines {
        let place = |field: &str| Place::new(RESOURCE, field).of(hotline.api_name());
        let Some(shown) = there.iter().find(|it| it["hotline"] == hotline.api_name()) else {
            report.find(Code::WorkerConfigDiffers, place("hotlines"), Value::Null, hotline.api_name());
            continue;
        };
        if shown["mailbox"] != hotline.mailbox {
            report.find(Code::WorkerConfigDiffers, place("mailbox"), shown["mailbox"].clone(), hotline.mailbox);
        }
        let wanted = sorted(senders_of(hotline).iter());
        let found = sorted(shown["senders"].as_array().into_iter().flatten().filter_map(|it| it["sender"].as_str()));
        if found != wanted {
            report.find(Code::WorkerConfigDiffers, place("senders"), found, wanted);
        }
    }
}

fn sorted(senders: impl Iterator<Item = impl AsRef<str>>) -> Vec<String> {
    let mut all: Vec<_> = senders.map(|sender| sender.as_ref().trim_start_matches("whatsapp:").to_owned()).collect();
    all.sort_unstable();
    all
}

/// Hotlines that the Worker has and the file has not.
pub fn judge_strangers(worker: &Worker, project: &Project, report: &mut Report) {
    let Some(answer) = worker.health.answer().filter(|answer| matches!(answer.status, 200 | 503)) else { return };
    let known = |name: &str| project.files().vars().iter().any(|(var, _)| var.strip_prefix("HOTLINE_") == Some(name));
    for shown in answer.body["hotlines"].as_array().into_iter().flatten() {
        if let Some(name) = shown["hotline"].as_str().filter(|name| !known(name)) {
            let place = Place::new(RESOURCE, "hotlines").of(name);
            report.find(Code::WorkerConfigDiffers, place, name, Value::Null);
        }
    }
}
