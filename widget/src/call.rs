//! Calling back: one button, and where the call is.

use std::time::Duration;

use hotline::effects::Millis;
use hotline::sidebar::person::Person;
use hotline::sidebar::words::length;
use leptos::prelude::*;

use crate::deeds::{begin, click};
use crate::followed::{Followed, holds, words};
use crate::json::object;
use crate::model::Call;
use crate::sidebar::Sidebar;
use crate::words::progress;
use crate::{api, page, phone, read};

/// The timer's step.
const SECOND: Duration = Duration::from_secs(1);

/// Every how many seconds a running call is asked after, in case a word about it was lost.
const LOOK: i64 = 5;

/// The button, or the call.
pub fn view(sidebar: Sidebar) -> impl IntoView {
    let refused = Followed::lasting(String::new());
    let runs = move || sidebar.call.with(|call| call.as_ref().is_some_and(|call| !call.is_over()));
    let said = words(move || sidebar.call.with(|call| call.as_ref().map(progress).unwrap_or_default()));
    let class = words(move || if runs() { "progress runs".to_owned() } else { "progress".to_owned() });
    view! {
        <section aria-label="Call back" hidden=holds(move || !sidebar.person.with(Person::is_phone))>
            <div class=class>
                <p role="status">{said}</p>
                <div hidden=holds(runs)>{idle(sidebar, refused)}</div>
                // Behind the button that begins it, so that the next Tab from there goes to the one that ends it.
                <div class="line" hidden=holds(move || !runs())>{running(sidebar, refused)}</div>
            </div>
            <p class="trouble" role="alert">{words(move || refused.get())}</p>
        </section>
    }
}

fn idle(sidebar: Sidebar, refused: &'static Followed<String>) -> impl IntoView {
    let waits = Followed::lasting(false);
    let cannot = holds(move || waits.get() || sidebar.agent.with(|it| it.phone.is_empty()));
    let start = click(move || {
        waits.set(true);
        refused.set(String::new());
        begin(async move {
            if let Err(words) = begin_call(sidebar).await {
                refused.set(words);
            }
            waits.set(false);
        });
    });
    view! {
        <button type="button" class="main" disabled=cannot on:click=start>"Call back"</button>
        {phone::view(sidebar)}
    }
}

async fn begin_call(sidebar: Sidebar) -> Result<(), String> {
    let id = api::new_id();
    let asked = sidebar.api.ask("POST", "/sidebar/calls", Some(object(&[("id", id.as_str().into())]))).await;
    let mut answer = asked.map(|call| read::call(&call));
    if answer.as_ref().is_err_and(|refusal| refusal.code.is_empty()) {
        // Without an answer it may have begun: by its id it can be asked after.
        answer = sidebar.ask_of_call("GET", &id).await;
    }
    sidebar.call.set(Some(answer.map_err(|refusal| refusal.words)?));
    Ok(())
}

/// Since when a call is in its state, by this browser's clock.
#[derive(Default)]
struct Stage {
    call: String,
    state: String,
    since: Millis,
}

fn running(sidebar: Sidebar, refused: &'static Followed<String>) -> impl IntoView {
    let (timer, stage) = (Followed::lasting(String::new()), Followed::lasting(Stage::default()));
    let step = move || {
        let Some(call) = sidebar.call.now().filter(|call| !call.is_over()) else { return };
        let now = page::now();
        let seconds = stage.update(|it| {
            if it.state != call.state || it.call != call.id {
                *it = Stage { call: call.id, state: call.state, since: now };
            }
            (now - it.since) / 1_000
        });
        timer.set_if_new(length(seconds));
        if seconds % LOOK == LOOK - 1 {
            sidebar.look_at_call();
        }
    };
    set_interval(step, SECOND);
    let label = words(move || {
        let talks = sidebar.call.with(|call| call.as_ref().is_some_and(|call| call.state == "talking"));
        if talks { "Hang up".to_owned() } else { "Cancel".to_owned() }
    });
    let end = click(move || {
        let id = sidebar.call.peek(|call| call.as_ref().map(|it: &Call| it.id.clone()).unwrap_or_default());
        begin(async move {
            match sidebar.ask_of_call("DELETE", &id).await {
                Ok(call) => sidebar.advance(call),
                Err(refusal) => refused.set(refusal.words),
            }
        });
    });
    view! {
        <span class="timer" role="timer">{words(move || timer.get())}</span>
        <button type="button" class="stop" on:click=end>{label}</button>
    }
}
