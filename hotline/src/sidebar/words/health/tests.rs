use protocol::health::{
    Balance, Breaker, Credentials, Cron, Day, Durations, FailedJobs, FailedReason, HelpScout, HotlineHealth, Lanes,
    SenderHealth, SenderKind, Twilio, Version, Waiting, Webhook, WebhookState,
};

use super::*;

/// So many seconds before the report.
fn before(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_867_200 - seconds).unwrap()
}

fn clock() -> Clock {
    Clock { now: before(0), time_of_day: |_| "2:05 PM".to_owned(), date_and_time: |_| "Nov 20, 2:05 PM".to_owned() }
}

fn voters() -> HotlineHealth {
    HotlineHealth { hotline: "VOTERS".to_owned(), name: "Voter hotline".to_owned(), ..HotlineHealth::default() }
}

fn reason(code: &str, status: Status, hotline: Option<&str>) -> Reason {
    let (code, hotline) = (code.to_owned(), hotline.map(str::to_owned));
    Reason { code, status, hotline, since: None, detail: "4 jobs wait.".to_owned(), repair: "Wait.".to_owned() }
}

fn sound() -> Health {
    Health {
        status: Status::Ok,
        at: before(0),
        version: Version { release: "1.4.0".to_owned(), ..Version::default() },
        reasons: Vec::new(),
        cron: Cron::default(),
        twilio: Twilio::default(),
        helpscout: HelpScout::default(),
        hotlines: vec![voters()],
        counts: Vec::new(),
    }
}

fn wrong(reasons: Vec<Reason>) -> Health {
    Health { status: reasons.iter().map(|it| it.status).max().unwrap_or_default(), reasons, ..sound() }
}

/// What is said under a name, and whether it is shown as wrong.
fn said(facts: &[Fact], name: &str) -> (String, bool) {
    let fact = facts.iter().find(|fact| fact.name == name).expect("a fact");
    (fact.lines.join(" | "), fact.is_wrong)
}

fn said_of(of: HotlineHealth, name: &str) -> String {
    said(&hotline(&sound(), &of, clock()), name).0
}

#[test]
fn the_first_line_says_whether_all_is_well() {
    let degraded = wrong(vec![reason("jobs_waiting", Status::Degraded, Some("VOTERS"))]);
    let down = wrong(vec![reason("twilio_refused", Status::Down, None), reason("cron_stale", Status::Degraded, None)]);
    for (last, is_old, words, look) in [
        (None, false, "Reading how the hotlines fare…", "overall"),
        (None, true, "", "overall"),
        (Some(&sound()), false, "All is well.", "overall well"),
        (Some(&sound()), true, "Not known now. At 2:05 PM: All is well.", "overall"),
        (Some(&degraded), false, "It works, but 1 thing is wrong.", "overall degraded"),
        (Some(&down), false, "Down: 2 things are wrong.", "overall down"),
    ] {
        assert_eq!((first_line(last, is_old, clock().time_of_day).as_str(), class(last, is_old)), (words, look));
    }
}

#[test]
fn what_is_wrong_names_its_hotline_where_there_are_several() {
    let of_voters = reason("jobs_waiting", Status::Degraded, Some("VOTERS"));
    let one = wrong(vec![of_voters.clone()]);
    let two = Health { hotlines: vec![voters(), HotlineHealth::default()], ..one.clone() };
    assert_eq!(detail(&one, &of_voters), "4 jobs wait.");
    assert_eq!(detail(&two, &of_voters), "Voter hotline: 4 jobs wait.");
    assert_eq!(detail(&two, &reason("balance_low", Status::Degraded, None)), "4 jobs wait.");
}

#[test]
fn since_when_is_said_with_the_day_once_that_is_another_one() {
    for (seconds, words) in [
        (20, "since 2:05 PM (under a minute)"),
        (25 * MINUTE, "since 2:05 PM (25 min)"),
        (3 * HOUR, "since 2:05 PM (3 h)"),
        (DAY, "since Nov 20, 2:05 PM (1 day)"),
        (3 * DAY, "since Nov 20, 2:05 PM (3 days)"),
        (-20, "since 2:05 PM (under a minute)"),
    ] {
        assert_eq!(clock().since(before(seconds)), words);
    }
}

#[test]
fn what_waits_is_said_with_how_long_and_for_what() {
    let lanes = Lanes { helpscout: 3, phone: 1, calls: 0 };
    let waiting = Waiting { jobs: 4, people: 2, oldest_at: Some(before(25 * MINUTE)), lanes };
    let of = HotlineHealth { waiting, ..voters() };
    let words = "4 jobs of 2 people, the oldest since 2:05 PM (25 min): 3 for Help Scout, 1 for phones";
    assert_eq!(said(&hotline(&sound(), &of, clock()), "Waiting"), (words.to_owned(), false));
    let late = wrong(vec![reason("jobs_waiting", Status::Degraded, Some("VOTERS"))]);
    assert!(said(&hotline(&late, &of, clock()), "Waiting").1, "what waits too long is shown as wrong");
    let other = HotlineHealth { hotline: "DRIVERS".to_owned(), ..of };
    assert!(!said(&hotline(&late, &other, clock()), "Waiting").1, "not at another hotline");
    assert_eq!(said_of(voters(), "Waiting"), "Nothing");
}

#[test]
fn what_failed_is_said_with_why() {
    for (code, words) in [
        ("text", "2 × Help Scout did not take what somebody said, last 5 min ago"),
        ("twilio_30007", "2 × Twilio error 30007: "),
        ("something_new", "2 × something new, last 5 min ago"),
    ] {
        let reasons = vec![FailedReason { code: code.to_owned(), count: 2, last_at: before(5 * MINUTE) }];
        let said = said_of(HotlineHealth { failed: FailedJobs { last_day: 2, reasons }, ..voters() }, "Failed");
        assert!(said.starts_with(&format!("2 jobs in the last day | {words}")), "{said}");
    }
    assert_eq!(said_of(voters(), "Failed"), "Nothing in the last day");
    let of = HotlineHealth { quarantined: 1, opt_outs: 17, ..voters() };
    assert_eq!(said_of(of.clone(), "Quarantined"), "1 job that this release cannot read");
    assert_eq!(said_of(of, "Opted out"), "17 people");
}

#[test]
fn how_long_things_take_is_said_in_the_unit_that_shows_it() {
    let took_all = |count, median_ms, worst_ms| {
        let text_to_helpscout = Durations { count, median_ms, worst_ms };
        said_of(HotlineHealth { text_to_helpscout, ..voters() }, "Text to Help Scout")
    };
    assert_eq!(took_all(12, Some(900), Some(4_100)), "Half within 0.9 s, worst 4.1 s, of 12 in the last day");
    assert_eq!(took_all(3, Some(40), Some(10_000)), "Half within under 0.1 s, worst 10 s, of 3 in the last day");
    assert_eq!(took_all(1, Some(65_000), Some(65_000)), "1 min, of 1 in the last day");
    assert_eq!(took_all(0, None, None), "None in the last day");
    assert_eq!(
        [0, 99, 100, 9_999, 59_999, 3_600_000].map(took),
        ["under 0.1 s", "under 0.1 s", "0.1 s", "9.9 s", "59 s", "1 h"]
    );
}

#[test]
fn a_sender_is_said_to_be_ours_or_not_as_far_as_anybody_has_looked() {
    for (sender, kind, ours, words) in [
        ("+15550100001", SenderKind::Number, Some(true), "+1 555 010 0001: in our Twilio account"),
        ("+15550100001", SenderKind::Number, Some(false), "+1 555 010 0001: not in our Twilio account"),
        ("+15550100001", SenderKind::Number, None, "+1 555 010 0001: not looked at yet"),
        ("+15550100001", SenderKind::Whatsapp, None, "+1 555 010 0001 (WhatsApp)"),
        ("MG1", SenderKind::MessagingService, None, "MG1 (Messaging Service)"),
    ] {
        let sender = SenderHealth { sender: sender.to_owned(), kind, ours, checked_at: None };
        assert_eq!(said_of(HotlineHealth { senders: vec![sender], ..voters() }, "Senders"), words);
    }
}

#[test]
fn the_services_are_said_to_take_us_or_not() {
    let health = Health {
        twilio: Twilio {
            credentials: Credentials::Refused,
            checked_at: Some(before(5 * MINUTE)),
            balance: Some(Balance { amount: "2.30".to_owned(), currency: "USD".to_owned() }),
            breaker: Breaker::Open,
            breaker_since: Some(before(25 * MINUTE)),
        },
        helpscout: HelpScout {
            credentials: Credentials::Ok,
            limit_per_minute: Some(400),
            remaining: Some(371),
            webhook: Webhook { state: WebhookState::Disabled, checked_at: None, last_received_at: Some(before(HOUR)) },
            ..HelpScout::default()
        },
        cron: Cron { last_run_at: Some(before(8 * MINUTE)), took_ms: Some(812) },
        ..wrong(vec![reason("balance_low", Status::Degraded, None)])
    };
    let services = [twilio, helpscout, ringside].map(|facts| facts(&health, clock()));
    for (at, name, words, is_wrong) in [
        (0, "Credentials", "Refused, seen 5 min ago", true),
        (0, "Texts", "Wait, since 2:05 PM (25 min)", true),
        (0, "Balance", "2.30 USD", true),
        (1, "Credentials", "Taken", false),
        (1, "Requests", "Leave", false),
        (1, "This minute", "371 of 400 requests are left", false),
        (1, "Webhook", "Switched off by Help Scout", true),
        (1, "It last fired", "1 h ago", false),
        (2, "Cron", "Ran 8 min ago, for 0.8 s", false),
        (2, "Release", "1.4.0", false),
    ] {
        assert_eq!(said(&services[at], name), (words.to_owned(), is_wrong), "{name}");
    }
    let (twilio, ringside) = (twilio(&sound(), clock()), ringside(&sound(), clock()));
    assert_eq!(said(&twilio, "Credentials"), ("Not looked at yet".to_owned(), false));
    assert_eq!(said(&ringside, "Cron"), ("Has not run yet".to_owned(), false));
}

#[test]
fn two_weeks_are_drawn_to_one_scale_and_said_in_numbers() {
    let day = |day: &str, texts_in, texts_out, calls_in| Day {
        day: day.to_owned(),
        texts_in,
        texts_out,
        calls_in,
        ..Day::default()
    };
    let days = [day("2026-11-27", 300, 100, 1), day("2026-11-28", 0, 0, 0)];
    assert_eq!(bars(&days, 40), [Bars { texts: 40, calls: 1 }, Bars { texts: 0, calls: 0 }]);
    assert_eq!(bars(&days[1..], 40), [Bars { texts: 0, calls: 0 }], "nothing is no division by nothing");
    assert_eq!(summary(&days), "400 texts and 1 call in 2 days");
    assert_eq!(legend(&days), ["Nov 27", "highest: 400", "Nov 28"]);
    assert_eq!(legend(&days[1..]), ["Nov 28", "", "Nov 28"]);
    assert_eq!(row(&days[0]), ["Nov 27", "300 in, 100 out", "1 in, 0 out", "0"]);
    assert_eq!(row(&day("someday", 0, 0, 0)), ["someday", "0", "0", "0"]);
}
