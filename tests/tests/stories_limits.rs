//! Help Scout is busy, away, or lets nobody in: what each of those costs, whom it delays, and who is told.

use emulator::faults::{Kind, Rule, Service};
use emulator::helpscout::Window;
use emulator::twilio::{Script, Status};
use hotline::domain::time::timestamp;
use hotline::effects::{Millis, RateLimiterName};
use ringside_tests::world::World;
use ringside_tests::world::object::Name;
use ringside_tests::world::promises::MOST_ASKED;
use ringside_tests::world::stage::Stage;
use serde_json::{Value, json};

const SAM: &str = "+15550100101";
const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;

fn with_sam() -> (World, u64) {
    let mut world = World::new(&Stage::default());
    let conversation = world.settled_text(SAM, "hello");
    (world, conversation)
}

fn rule(world: &mut World, method: &str, kind: Kind, path_contains: &str, times: Option<u32>) -> u64 {
    let (method, path_contains) = (Some(method.into()), Some(path_contains.into()));
    world.faults.add(Service::HelpScout, Rule { id: 0, kind, method, path_contains, times })
}

fn status(status: u16) -> Kind {
    Kind::Status { status, headers: [].into(), body: json!(null) }
}

fn person(number: i64) -> String {
    format!("+15550102{number:03}")
}

/// The health view of the voters' hotline, and of Help Scout with the first reason.
fn health(world: &mut World) -> (Value, Value, Value) {
    let (hotline, health) = (world.voters_health(), world.health());
    (hotline, health["helpscout"].clone(), health["reasons"][0].clone())
}

/// What all permits of Help Scout's rate limiter have cost together.
fn permitted(world: &World) -> i64 {
    let limiter = &world.objects[&Name::limiter(&RateLimiterName::HelpScout)];
    let state: Value = serde_json::from_str(&limiter.store.word("SELECT state FROM rate_limiter").unwrap()).unwrap();
    state["number"].as_i64().unwrap()
}

/// When each person's first text came to Help Scout.
fn arrivals(world: &World, people: i64) -> Vec<Millis> {
    let made = |number| {
        let conversation = world.helpscout.conversation(world.conversation(&person(number)))?;
        Some(conversation.created_at.cast_signed())
    };
    (0..people).filter_map(made).collect()
}

/// The most requests, writes counted twice, that any sixty seconds held.
fn fullest_minute(world: &World) -> i64 {
    let costs = &world.ledger.helpscout_costs;
    let within = |end: Millis| costs.iter().filter(move |(at, _)| *at <= end && *at > end - MINUTE);
    costs.iter().map(|(end, _)| within(*end).map(|(_, cost)| cost).sum()).max().unwrap_or(0)
}

#[test]
fn a_write_that_is_not_found_where_a_read_finds_it_does_not_hammer_help_scout() {
    for threading in [json!("one"), json!("new_after_close"), json!({"days": 1})] {
        let mut world = World::new(&Stage::with("threading", threading.clone()));
        world.text(SAM, "hello");
        world.settle(1);
        rule(&mut world, "POST", status(404), "/customer", None);
        world.text(SAM, "again");
        let before = world.ledger.helpscout_requests.len();
        world.run_for(MINUTE);
        let requests = world.ledger.helpscout_requests.len() - before;
        assert!(requests < 10, "{threading}: {requests} in a minute");
        assert_eq!(world.said(world.conversation(SAM)), ["again"], "{threading}: it is in a new conversation");
    }
}

#[test]
fn a_permit_is_spent_once() {
    let (mut world, conversation) = with_sam();
    world.helpscout.settings_mut().limit_per_minute = 200;
    rule(&mut world, "POST", Kind::Down { refuse: true }, "/customer", Some(1));
    let spent = world.ledger.helpscout_requests.len();
    world.text(SAM, "one");
    world.settle(1);
    assert_eq!(world.said(conversation), ["hello", "one"]);
    assert!(world.ledger.helpscout_requests.len() - spent >= 3, "the create, a look, the create again");
    let used: i64 = world.ledger.helpscout_costs.iter().map(|(_, cost)| cost).sum();
    assert_eq!(permitted(&world), used, "each was paid for");
}

#[test]
fn a_429_delays_reserved_permits() {
    for window in [Window::Sliding, Window::Fixed] {
        let mut world = World::new(&Stage::default());
        world.helpscout.settings_mut().limit_per_minute = 200;
        world.helpscout.settings_mut().window = window;
        for number in 0..250 {
            world.text(&person(number), "hello");
        }
        world.run_for(20 * SECOND);
        let headers = [("x-ratelimit-retry-after".to_owned(), "45".to_owned())].into();
        let limited = Kind::Status { status: 429, headers, body: json!(null) };
        rule(&mut world, "POST", limited, "/conversations", Some(1));
        world.run_for(10 * MINUTE);
        assert_eq!(world.helpscout.conversations().count(), 250, "{window:?}");
        assert!(fullest_minute(&world) <= 200, "{window:?}: {} in a minute", fullest_minute(&world));
        assert_eq!(world.broken_promises(), [""; 0], "{window:?}");
    }
}

#[test]
fn a_pause_is_over_for_the_oldest_first() {
    let mut world = World::new(&Stage::default());
    world.helpscout.settings_mut().limit_per_minute = 200;
    world.helpscout.settings_mut().window = Window::Sliding;
    for number in 0..150 {
        world.text(&person(number), "hello");
        world.run_for(20);
    }
    world.settle(1);
    let arrivals = arrivals(&world, 150);
    // The first ones waited together for the token.
    assert!(arrivals[10..].is_sorted(), "{arrivals:?}");
    assert_eq!(world.ledger.limited, 0);
}

#[test]
fn receipts_leave_room_for_a_text_and_are_not_forgotten() {
    let mut world = World::new(&Stage::default());
    world.helpscout.settings_mut().limit_per_minute = 200;
    world.helpscout.settings_mut().window = Window::Sliding;
    for number in 0..40 {
        world.text(&person(number), "hello");
    }
    world.run_for(5 * MINUTE);
    for number in 0..40 {
        world.reply(world.conversation(&person(number)), &format!("<p>Hi, R{number:05}.</p>"));
    }
    world.run_for(20 * SECOND);
    let begun = world.now;
    world.text(SAM, "help");
    world.run_for(3 * SECOND);
    let made = world.helpscout.conversation(world.conversation(SAM)).unwrap().created_at.cast_signed();
    assert!(made - begun < 2 * SECOND, "{} ms", made - begun);
    world.settle(2);
    for number in 0..40 {
        assert_eq!(world.notes(world.conversation(&person(number))).len(), 1);
    }
    assert_eq!(world.broken_promises(), [""; 0]);
}

#[test]
fn an_operator_hears_that_help_scout_gives_no_token() {
    let (mut world, _) = with_sam();
    world.helpscout.revoke_tokens();
    let refused = rule(&mut world, "POST", status(401), "/oauth2/token", None);
    let texted_at = json!(timestamp(world.now));
    world.text(SAM, "one");
    world.run_for(6 * HOUR);
    let (hotline, help_scout, reason) = health(&mut world);
    let waiting = &hotline["waiting"];
    assert_eq!((&waiting["jobs"], &waiting["oldest_at"]), (&json!(1), &texted_at));
    assert_eq!((&help_scout["breaker"], &help_scout["credentials"]), (&json!("open"), &json!("refused")));
    assert_eq!(reason["code"], "helpscout_refused");
    assert!(reason["detail"].as_str().unwrap().contains("HELPSCOUT_APP_SECRET"), "{reason}");
    assert!(world.ledger.token_requests < 400, "{}: once a minute is enough", world.ledger.token_requests);
    world.faults.clear(Service::HelpScout, Some(refused));
    world.run_for(70 * SECOND);
    assert_eq!(world.said(world.conversation(SAM)), ["hello", "one"]);
    let (_, help_scout, reason) = health(&mut world);
    assert_eq!((&help_scout["breaker"], &help_scout["credentials"]), (&json!("closed"), &json!("ok")), "{reason}");
}

#[test]
fn an_operator_hears_that_every_token_is_refused() {
    let (mut world, _) = with_sam();
    let refused = world.faults.add(
        Service::HelpScout,
        Rule { id: 0, kind: status(401), method: None, path_contains: Some("/v2/conversations".into()), times: None },
    );
    for number in 0..20 {
        world.text(&person(number), "help");
    }
    world.run_for(HOUR);
    let (hotline, _, reason) = health(&mut world);
    assert_eq!((&hotline["waiting"]["jobs"], &hotline["waiting"]["people"]), (&json!(20), &json!(20)));
    assert!(reason["detail"].as_str().unwrap().contains("401"), "{reason}");
    assert!(world.ledger.token_requests < 150, "{}", world.ledger.token_requests);
    world.faults.clear(Service::HelpScout, Some(refused));
    world.run_for(2 * MINUTE);
    assert_eq!(arrivals(&world, 20).len(), 20);
}

/// Every way in which Help Scout is away.
fn outages() -> [Kind; 4] {
    [Kind::Down { refuse: true }, Kind::Down { refuse: false }, status(500), Kind::Hold { ms: 30_000 }]
}

#[test]
fn an_operator_sees_since_when_texts_wait() {
    for kind in outages() {
        let (mut world, _) = with_sam();
        world.faults.switch_on(Service::HelpScout, kind.clone());
        let texted_at = json!(timestamp(world.now));
        for number in 0..20 {
            world.text(&person(number), "help");
        }
        world.run_for(20 * MINUTE);
        let (hotline, help_scout, reason) = health(&mut world);
        // What is done half a minute late has events too, which wait as well.
        let late = matches!(kind, Kind::Hold { .. });
        let waiting = hotline["waiting"]["jobs"].as_i64().unwrap();
        assert!(waiting == 20 || late && waiting > 20, "{kind:?}: {hotline}");
        assert_eq!(hotline["waiting"]["oldest_at"], texted_at, "{kind:?}");
        assert_ne!(help_scout["breaker"], json!("closed"), "{kind:?}");
        assert_eq!(reason["code"], "helpscout_unreachable", "{kind:?}");
    }
}

#[test]
fn an_outage_is_known_once_and_not_once_for_each_who_waits() {
    for kind in outages() {
        let (mut world, _) = with_sam();
        world.faults.switch_on(Service::HelpScout, kind.clone());
        for number in 0..60 {
            world.text(&person(number), "help");
        }
        // By then everybody was told that their text may be read late.
        world.run_for(15 * MINUTE);
        let (requests, objects) = (world.ledger.helpscout_requests.len(), world.object_requests);
        world.run_for(10 * MINUTE);
        let requests = world.ledger.helpscout_requests.len() - requests;
        assert!(requests <= 121, "{kind:?}: {requests} requests in ten minutes, one every five seconds is 120");
        // A probe is word, a question and a report, and then a question that is answered by the backstop. Of who has just
        // probed the directory hears, and asks them once.
        let objects = world.object_requests - objects;
        assert!(objects <= 5 * 121, "{kind:?}: {objects} requests to objects in ten minutes");
    }
}

#[test]
fn after_an_outage_the_first_waiting_text_is_there_within_ten_seconds_and_the_oldest_first() {
    for kind in outages() {
        let (mut world, _) = with_sam();
        world.helpscout.settings_mut().window = Window::Sliding;
        let outage = world.faults.switch_on(Service::HelpScout, kind.clone());
        world.helpscout.settings_mut().limit_per_minute = 200;
        for number in 0..120 {
            world.text(&person(number), "help");
            world.run_for(SECOND);
        }
        world.run_for(5 * MINUTE);
        world.faults.clear(Service::HelpScout, Some(outage));
        let back = world.now;
        world.run_for(10 * MINUTE);
        let arrivals = arrivals(&world, 120);
        let first = arrivals.iter().map(|at| at - back).filter(|after| *after > 0).min().unwrap();
        assert!(first <= 10 * SECOND, "{kind:?}: the first after {first} ms");
        assert_eq!(arrivals.len(), 120, "{kind:?}");
        // 200 a minute, writes count twice. What may be done half a minute late is looked for for two minutes.
        let last = arrivals.iter().max().unwrap() - back;
        let held = matches!(kind, Kind::Hold { .. });
        assert!(last <= 90 * SECOND || held, "{kind:?}: the last after {last} ms");
        // Those whose request went to look are among the first, or are looked for before they are repeated.
        let late = |at: &usize| arrivals[..*at].iter().any(|before| *before > arrivals[*at] + 5 * SECOND);
        let late = (20..120).filter(late).count();
        assert!(late <= 20, "{kind:?}: {late} came before somebody who had waited longer");
        assert!(fullest_minute(&world) <= 200, "{kind:?}: {}", fullest_minute(&world));
        let broken = world.broken_promises();
        // What is done half a minute late is counted in another minute than it left in.
        assert!(broken.iter().all(|broken| held && broken.contains("429")), "{kind:?}: {broken:?}");
    }
}

#[test]
fn after_an_outage_a_single_text_and_a_voicemail_are_there_within_ten_seconds() {
    for kind in outages() {
        for minutes in [1, 7, 65] {
            let (mut world, conversation) = with_sam();
            let outage = world.faults.switch_on(Service::HelpScout, kind.clone());
            world.text(SAM, "one");
            world.run_for(minutes * MINUTE);
            world.faults.clear(Service::HelpScout, Some(outage));
            world.run_for(10 * SECOND);
            assert_eq!(world.said(conversation), ["hello", "one"], "{kind:?}, {minutes} minutes");
        }
        let (mut world, conversation) = with_sam();
        let outage = world.faults.switch_on(Service::HelpScout, kind.clone());
        world.call(SAM, Script::new().speaks(5).hangs_up_at(20));
        world.run_for(10 * MINUTE);
        world.faults.clear(Service::HelpScout, Some(outage));
        world.run_for(10 * SECOND);
        let said = world.said(conversation);
        assert!(said.len() == 2 && said[1].starts_with("Voicemail"), "{kind:?}: {said:?}");
    }
}

#[test]
fn a_text_that_help_scout_can_never_take_does_not_keep_the_others_waiting() {
    let (mut world, conversation) = with_sam();
    // An error of theirs for this conversation alone.
    let path = format!("/conversations/{conversation}/customer");
    rule(&mut world, "POST", status(500), &path, None);
    world.text(SAM, "poison");
    world.run_for(5 * MINUTE);
    for number in 0..10 {
        let begun = world.now;
        world.text(&person(number), "help");
        world.run_for(20 * SECOND);
        let made = world.helpscout.conversation(world.conversation(&person(number))).unwrap();
        let took = made.created_at.cast_signed() - begun;
        assert!(took <= 2 * SECOND, "{number}: {took} ms");
    }
    world.run_for(2 * MINUTE);
    let before = world.ledger.helpscout_requests.len();
    world.run_for(HOUR);
    let requests = world.ledger.helpscout_requests.len() - before;
    assert!(requests <= 122, "{requests} requests in an hour for one text: a create and a look each minute");
}

#[test]
fn writes_that_fail_while_reads_work_do_not_wake_everybody_again_and_again() {
    let (mut world, _) = with_sam();
    let outage = rule(&mut world, "POST", status(503), "/v2/conversations", None);
    for number in 0..50 {
        world.text(&person(number), "help");
    }
    world.run_for(5 * MINUTE);
    // By then everybody was told that their text may be read late.
    world.run_for(10 * MINUTE);
    let (requests, objects) = (world.ledger.helpscout_requests.len(), world.object_requests);
    world.run_for(10 * MINUTE);
    let requests = world.ledger.helpscout_requests.len() - requests;
    assert!(requests <= 3 * 121, "{requests} requests in ten minutes: a create and two looks every five seconds");
    let objects = world.object_requests - objects;
    assert!(objects <= 10 * 121, "{objects} requests to objects in ten minutes");
    world.faults.clear(Service::HelpScout, Some(outage));
    let back = world.now;
    world.run_for(3 * MINUTE);
    let arrivals = arrivals(&world, 50);
    assert_eq!(arrivals.len(), 50);
    let first = arrivals.iter().min().unwrap() - back;
    assert!(first <= 10 * SECOND, "the first after {first} ms");
    assert_eq!(world.broken_promises(), [""; 0]);
}

#[test]
fn a_rate_limiter_that_crashes_while_everybody_waits_forgets_nobody() {
    let (mut world, _) = with_sam();
    let outage = world.faults.switch_on(Service::HelpScout, Kind::Down { refuse: true });
    for number in 0..50 {
        world.text(&person(number), "help");
    }
    world.run_for(10 * MINUTE);
    world.crash_all();
    world.faults.clear(Service::HelpScout, Some(outage));
    world.run_for(2 * SECOND);
    world.crash_all();
    world.run_for(2 * MINUTE);
    assert_eq!(arrivals(&world, 50).len(), 50);
    world.settle(1);
    assert_eq!(world.broken_promises(), [""; 0]);
}

#[test]
fn a_picture_of_a_reply_is_fetched_though_help_scouts_minute_is_used_up() {
    let (mut world, conversation) = with_sam();
    // A hundred people who go on texting keep the minute full, before the reply and for minutes after it.
    for number in 0..100 {
        world.text(&person(number), "hello");
    }
    world.run_for(SECOND);
    let files = [("map.png", "image/png"), ("route.png", "image/png"), ("stop.png", "image/png")];
    world.reply_with(conversation, "<p>This way.</p>", "map", &files);
    for number in 0..600 {
        world.text(&person(number % 100), "and more");
        world.run_for(SECOND / 4);
    }
    world.settle(1);
    let sent = world.made_for(SAM);
    let with_files: Vec<_> = sent.iter().filter(|it| !it.media_urls.is_empty()).collect();
    assert_eq!(with_files.len(), 1, "it is not sent again: {sent:?}");
    assert_eq!((with_files[0].media.len(), with_files[0].status), (3, Status::Delivered));
    assert!(fullest_minute(&world) <= 400, "{}", fullest_minute(&world));
    assert!(world.notes(conversation).iter().all(|note| !note.contains("could not be fetched")));
}

/// Whatever a service answers for ever, no job asks it again and again.
#[test]
fn no_response_makes_a_job_loop() {
    let customer_moved = [("location".to_owned(), "https://api.helpscout.net/v2/conversations/1001".to_owned())];
    let busy = [("x-ratelimit-retry-after".to_owned(), "1".to_owned())];
    let statuses = [200, 204, 301, 400, 401, 403, 404, 409, 412, 422, 429, 500, 504];
    let paths = ["conversations", "/customer", "/notes", "/threads", "mailboxes"];
    let mut circles = Vec::new();
    for (service, paths) in [(Service::HelpScout, &paths[..]), (Service::Twilio, &["Messages.json", "Calls"][..])] {
        for (status, path, method) in statuses
            .iter()
            .flat_map(|status| paths.iter().map(move |path| (*status, *path)))
            .flat_map(|(status, path)| ["GET", "POST", "PATCH"].map(|method| (status, path, method)))
        {
            let (mut world, conversation) = with_sam();
            world.text(&person(1), "hello");
            let headers = match status {
                301 => customer_moved.clone().into(),
                429 => busy.clone().into(),
                _ => [].into(),
            };
            let kind = Kind::Status { status, headers, body: json!(null) };
            let rule = Rule { id: 0, kind, method: Some(method.into()), path_contains: Some(path.into()), times: None };
            world.faults.add(service, rule);
            world.text(SAM, "again");
            world.text(&person(2), "hello");
            world.reply_with(conversation, "<p>This way.</p>", "map", &[("map.png", "image/png")]);
            world.call(&person(3), Script::new().speaks(5).hangs_up_at(60));
            world.run_for(3 * MINUTE);
            let (most, job) = &world.ledger.busiest;
            if *most > MOST_ASKED {
                circles.push(format!("{} {method} {path} {status}: {most} by {job}", service.name()));
            }
        }
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}
