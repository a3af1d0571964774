//! `numbers`.

use std::collections::BTreeMap;

use emulator::faults::{Kind, Rule, Service};
use serde_json::json;

use crate::deployment::Deployment;

#[test]
fn numbers_for_sale_are_shown_with_their_price() {
    let hotline = Deployment::fresh();
    let ran = hotline.json("numbers search --area 415 --sms --voice --limit 2");
    let expected = |number: &str| {
        json!({"number": number, "place": "San Francisco", "region": "CA", "country": "US", "type": "local",
               "capabilities": {"sms": true, "mms": true, "voice": true}, "price": {"amount": "1.15", "currency": "USD"}})
    };
    assert_eq!(ran.json(), json!({"format": 1, "numbers": [expected("+14155550100"), expected("+14155550101")]}));
    assert_eq!(hotline.json("numbers search --type mobile").error(), (1, "type_not_sold".to_owned()));
    assert_eq!(hotline.json("numbers search --area 999").json()["numbers"], json!([]));
    assert_eq!(hotline.emulator.with(|world| world.twilio.violations().to_vec()), vec![]);
}

#[test]
fn a_number_is_bought_at_once_pointing_to_its_hotline_and_once_only() {
    let hotline = Deployment::fresh();
    let ran = hotline.json("numbers buy --area 415 --sms --max-price 2.00 --hotline VOTERS --yes");
    assert_eq!((ran.exit, ran.json()["bought"]["number"].clone()), (0, json!("+14155550100")), "{}", ran.stdout);
    assert_eq!(hotline.writes().len(), 1, "its addresses go along");
    let number = hotline.emulator.with(|world| world.twilio.settings_mut().senders.last().unwrap().clone());
    assert!(number.webhook.starts_with(hotline.public_url()), "{number:?}");
    let again = hotline.json("numbers buy +14155550100 --yes");
    assert_eq!(again.json(), json!({"format": 1, "bought": null, "already": true}));
    assert_eq!(hotline.writes().len(), 1);
}

#[test]
fn a_price_above_the_limit_or_unknown_buys_nothing() {
    let hotline = Deployment::fresh();
    assert_eq!(hotline.json("numbers buy --area 415 --max-price 1.14 --yes").error(), (1, "price_too_high".to_owned()));
    let gone = Kind::Status { status: 404, headers: BTreeMap::new(), body: json!({"code": 20404}) };
    let prices = Rule { id: 0, kind: gone, method: None, path_contains: Some("/v1/PhoneNumbers".into()), times: None };
    hotline.emulator.with(|world| world.faults.add(Service::Twilio, prices));
    assert_eq!(hotline.json("numbers buy --area 415 --max-price 9 --yes").error(), (1, "price_unknown".to_owned()));
    assert_eq!(hotline.json("numbers buy --area 415").error(), (3, "not_confirmed".to_owned()));
    assert_eq!(hotline.writes(), Vec::<String>::new());
}

#[test]
fn an_order_whose_answer_is_lost_is_looked_up_and_not_made_again() {
    let hotline = Deployment::fresh();
    let lost = Rule {
        id: 0,
        kind: Kind::LostAnswer,
        method: Some("POST".into()),
        path_contains: Some("IncomingPhoneNumbers".into()),
        times: Some(1),
    };
    hotline.emulator.with(|world| world.faults.add(Service::Twilio, lost));
    let ran = hotline.json("numbers buy +14155550100 --yes");
    assert_eq!((ran.exit, ran.json()["already"].clone()), (0, json!(false)), "{}", ran.stdout);
    assert_eq!(hotline.writes().len(), 1);
}

#[test]
fn a_number_is_given_back_only_when_it_is_typed_anew_and_nobody_needs_it() {
    let hotline = Deployment::fresh();
    hotline.run("numbers buy +14155550100 --yes");
    assert_eq!(
        hotline.json("numbers release +15550100001 --confirm +15550100001").error(),
        (1, "number_in_use".to_owned())
    );
    assert_eq!(hotline.json("numbers release +14155550100").error(), (3, "not_confirmed".to_owned()));
    assert_eq!(
        hotline.json("numbers release +14155550100 --confirm +14155550101").error(),
        (3, "not_confirmed".to_owned())
    );
    let ran = hotline.json("numbers release +14155550100 --confirm +14155550100");
    assert_eq!((ran.exit, ran.json()["released"]["number"].clone()), (0, json!("+14155550100")));
    let again = hotline.json("numbers release +14155550100 --confirm +14155550100");
    assert_eq!((again.exit, again.json()["released"].clone()), (0, json!(null)));
}

#[test]
fn the_list_says_whose_a_number_is_and_whether_it_points_here() {
    let hotline = Deployment::fresh();
    hotline.run("numbers buy +14155550100 --yes");
    let points = || {
        hotline.json("numbers list").json()["numbers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                (
                    it["number"].as_str().unwrap().to_owned(),
                    it["hotline"].as_str().map(str::to_owned),
                    it["points_here"] == true,
                )
            })
            .collect::<Vec<_>>()
    };
    let (own, other) = ("+15550100001".to_owned(), "+14155550100".to_owned());
    let voters = Some("VOTERS".to_owned());
    assert_eq!(points(), [(own.clone(), voters.clone(), false), (other.clone(), None, false)]);
    assert_eq!(hotline.json("numbers configure +15550100001 --hotline VOTERS --yes").exit, 0);
    assert_eq!(points(), [(own, voters, true), (other, None, false)]);
    let again = hotline.json("numbers configure +15550100001 --hotline VOTERS --yes");
    assert_eq!(again.json()["summary"]["planned"], json!(0));
}
