//! What is wrong, and what is known of each hotline and of both services.

use hotline::sidebar::words::health::{self, Clock, Fact, detail, hotline_status};
use leptos::prelude::*;
use protocol::health::{Health, HotlineHealth, Reason};

use super::health_chart::HealthChart;
use crate::page;

fn clock(health: &Health) -> Clock {
    Clock { now: health.at, time_of_day: page::time_of_day, date_and_time: page::date_and_time }
}

/// What is wrong, since when, and what to do about it.
#[component]
pub fn Reasons(health: Health) -> impl IntoView {
    let clock = clock(&health);
    let reason = |reason: &Reason| {
        let since = reason.since.map(|at| (at, clock.since(at)));
        view! {
            <li>
                <strong prop:textContent=detail(&health, reason)></strong>
                {since.map(|(at, words)| view! { <time datetime=at.to_string() prop:textContent=words></time> })}
                <p><Repair words=reason.repair.clone() /></p>
            </li>
        }
    };
    let reasons = health.reasons.iter().map(reason).collect_view();
    (!health.reasons.is_empty()).then(|| view! { <ul>{reasons}</ul> })
}

/// What to do. Commands stand between backticks.
#[component]
fn Repair(words: String) -> impl IntoView {
    let piece = |(at, piece): (usize, &str)| {
        let piece = piece.to_owned();
        if at % 2 == 0 {
            view! { <span prop:textContent=piece></span> }.into_any()
        } else {
            view! { <code prop:textContent=piece></code> }.into_any()
        }
    };
    words.split('`').enumerate().map(piece).collect_view()
}

/// Everything else that is known.
#[component]
pub fn Report(health: Health) -> impl IntoView {
    let clock = clock(&health);
    let hotline = |of: &HotlineHealth| {
        let facts = health::hotline(&health, of, clock);
        view! {
            <h2><bdi prop:textContent=of.name.clone()></bdi>" "<small prop:textContent=hotline_status(of.status)></small></h2>
            <Facts facts />
            <HealthChart days=of.days.clone() />
        }
    };
    let hotlines = health.hotlines.iter().map(hotline).collect_view();
    view! {
        {hotlines}
        <h2>"Twilio"</h2>
        <Facts facts=health::twilio(&health, clock) />
        <h2>"Help Scout"</h2>
        <Facts facts=health::helpscout(&health, clock) />
        <h2>"Ringside"</h2>
        <Facts facts=health::ringside(&health, clock) />
    }
}

#[component]
fn Facts(facts: Vec<Fact>) -> impl IntoView {
    let line = |line: String| view! { <dd prop:textContent=line></dd> };
    let fact = |Fact { name, lines, is_wrong }| {
        let lines = lines.into_iter().map(line).collect_view();
        view! { <div class:wrong=is_wrong><dt prop:textContent=name></dt>{lines}</div> }
    };
    view! { <dl>{facts.into_iter().map(fact).collect_view()}</dl> }
}
