//! A trap in wasm ends its instance: the entry makes it an error for all who wait and another try for the alarm.

use emulator::faults::Service;
use ringside_tests::runtime::{GREETING, Stand};
use serde_json::json;

use crate::{ANN, BOB, SAM};

/// The first call of this kind finds no object at its address: wasm reads outside its memory and traps.
fn trap(name: &str) -> String {
    format!(
        "
import * as built from './index.js';
const real = built.Contact.prototype.{name};
let left = 1;
built.Contact.prototype.{name} = function (...args) {{
  if (left-- > 0) {{
    console.log('trap in {name}');
    this.__wbg_ptr = 0xfffffff0;
  }}
  return real.apply(this, args);
}};
"
    )
}

#[tokio::test]
async fn a_trap_while_texts_come_in_loses_none() {
    let mut stand = Stand::start(|_| ()).await;
    stand.sabotage(&trap("fetch")).await;
    let people = [SAM, ANN, BOB];
    for who in people {
        stand.text(who, &format!("From {who}"));
    }
    stand.until("three conversations", |it| (it.talks().len() >= 3).then_some(())).await;
    for who in people {
        stand.until_received(who, &[GREETING]).await;
    }
    let mut said: Vec<String> = stand.talks().iter().map(|talk| talk.said().join("|")).collect();
    said.sort();
    assert_eq!(said, people.map(|who| format!("From {who}")));
    assert!(stand.worker.log().contains("trap in fetch"));
}

#[tokio::test]
async fn a_trap_in_an_alarm_is_followed_by_another_alarm() {
    let mut stand = Stand::start(|_| ()).await;
    let talk = stand.first_contact(SAM, "Hello").await;
    stand.sabotage(&trap("alarm")).await;
    // Help Scout is away for a moment, so that an alarm has to go on with it.
    stand.spoil(Service::HelpScout, json!({ "kind": "down", "path_contains": "/customer", "times": 1 }));
    stand.text(SAM, "More");
    stand.until_said(talk, &["Hello", "More"]).await;
    stand.until("a trap", |it| it.worker.log().contains("trap in alarm").then_some(())).await;
    stand.reply(talk, "Hi");
    stand.until_received(SAM, &[GREETING, "Hi"]).await;
}
