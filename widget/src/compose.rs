//! Writing a text from here.

use hotline::sidebar::words::{reply, text_by};
use leptos::prelude::*;

use crate::deeds::{begin, event, key, submit};
use crate::followed::{Followed, holds, words};
use crate::json::object;
use crate::sidebar::Sidebar;
use crate::words::cost;
use crate::{api, page, timeline};

/// The box, what the text costs, and what a reply in Help Scout will do.
pub fn view(sidebar: Sidebar) -> impl IntoView {
    let person = sidebar.person;
    let why_not = move || person.with(|it| it.unreachable().unwrap_or_default().to_owned());
    let reachable = move || person.with(|it| it.unreachable().is_none());
    let what_send_does = words(move || {
        let addresses = sidebar.customer.with(|it| it.addresses.clone());
        person.with(|it| reply(it, &addresses))
    });
    view! {
        <section aria-label="Write a text">
            <p class="warning" hidden=holds(reachable)>{words(why_not)}</p>
            <div hidden=holds(move || !reachable())>{form(sidebar)}</div>
            <p class="quiet" hidden=holds(move || !sidebar.in_helpscout.get())>{what_send_does}</p>
        </section>
    }
}

fn form(sidebar: Sidebar) -> impl IntoView {
    let draft = sidebar.draft;
    let (refused, waits) = (Followed::lasting(String::new()), Followed::lasting(false));
    // The same text keeps its id, so that one whose answer was lost is not sent twice.
    let id = Followed::lasting(api::new_id());
    let is_empty = move || draft.with(|it| it.trim().is_empty());
    let send = move || {
        if waits.now() || draft.peek(|it| it.trim().is_empty()) {
            return;
        }
        waits.set(true);
        refused.set(String::new());
        begin(async move {
            let text = draft.now();
            let body = object(&[("id", id.now().into()), ("text", text.as_str().into())]);
            match sidebar.api.ask("POST", "/sidebar/messages", Some(body)).await {
                Ok(_) => {
                    id.set(api::new_id());
                    if draft.now() == text {
                        draft.set(String::new());
                    }
                    timeline::to_end(sidebar);
                    // The button, which is disabled now, may have had the keyboard.
                    page::refocus("text");
                    if !sidebar.is_live.now() {
                        // It is sent; that it is not shown yet is no failure.
                        sidebar.refresh().await.unwrap_or_default();
                    }
                }
                Err(refusal) => refused.set(refusal.words),
            }
            waits.set(false);
        });
    };
    let typed = event(move |event| {
        draft.set(event_target_value(&event));
        id.set(api::new_id());
    });
    let by_key = key(move |key| {
        if key.key() == "Enter" && (key.ctrl_key() || key.meta_key()) {
            key.prevent_default();
            send();
        }
    });
    view! {
        <form on:submit=submit(send)>
            <label for="text">{words(move || sidebar.person.with(text_by))}</label>
            <textarea id="text" rows="3" dir="auto" aria-describedby="cost why" prop:value=words(move || draft.get())
                on:input=typed on:keydown=by_key></textarea>
            <div class="line">
                <span id="cost" class="quiet">{words(move || draft.with(|text| cost(text).count))}</span>
                <button type="submit" class="main" disabled=holds(move || waits.get() || is_empty())>"Send"</button>
            </div>
            <p id="why" class="quiet" role="status">{words(move || draft.with(|text| cost(text).why))}</p>
            <p class="trouble" role="alert">{words(move || refused.get())}</p>
        </form>
    }
}
