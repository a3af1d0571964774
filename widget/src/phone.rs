//! The phone on which the agent is rung.

use hotline::sidebar::words::rings_first;
use leptos::prelude::*;

use crate::deeds::{begin, click, event, key, submit};
use crate::followed::{Followed, holds, words};
use crate::json::object;
use crate::sidebar::Sidebar;
use crate::{page, read};

/// The number, and a way to name another one.
pub fn view(sidebar: Sidebar) -> impl IntoView {
    let edits = Followed::lasting(false);
    let is_shown = move || !edits.get() && sidebar.agent.with(|it| !it.phone.is_empty());
    let number = words(move || sidebar.agent.with(|it| rings_first(&it.phone, it.confirmed)));
    let change = click(move || {
        edits.set(true);
        request_animation_frame(|| page::focus("phone"));
    });
    view! {
        <p class="quiet" hidden=holds(move || !is_shown())>
            {number}
            <button type="button" class="link" aria-label="Change your phone" on:click=change>"Change"</button>
        </p>
        <div hidden=holds(is_shown)>{form(sidebar, edits)}</div>
    }
}

fn form(sidebar: Sidebar, edits: &'static Followed<bool>) -> impl IntoView {
    let typed = Followed::lasting(String::new());
    let (refused, waits) = (Followed::lasting(String::new()), Followed::lasting(false));
    let name = submit(move || {
        if waits.now() || typed.peek(|it| it.trim().is_empty()) {
            return;
        }
        waits.set(true);
        begin(async move {
            let body = object(&[("phone", typed.now().into())]);
            match sidebar.api.ask("PUT", "/sidebar/agent", Some(body)).await {
                Ok(agent) => {
                    edits.set(false);
                    refused.set(String::new());
                    sidebar.agent.set(read::agent(&agent));
                }
                Err(refusal) => refused.set(refusal.words),
            }
            waits.set(false);
        });
    });
    let keep = move || {
        edits.set(false);
        refused.set(String::new());
    };
    let by_key = key(move |key| {
        if key.key() == "Escape" {
            keep();
        }
    });
    view! {
        <form on:submit=name on:keydown=by_key>
            <div class="line">
                <label for="phone">"Your phone, which rings first"</label>
                <button type="button" class="link" aria-label="Keep the phone as it was" on:click=click(keep)
                    hidden=holds(move || !edits.get())>"Cancel"</button>
            </div>
            <div class="line">
                <input id="phone" type="tel" autocomplete="tel" aria-describedby="phone-refused"
                    on:input=event(move |event| typed.set(event_target_value(&event))) />
                <button type="submit" class="plain" disabled=holds(move || waits.get())>"Save"</button>
            </div>
            <p id="phone-refused" class="trouble" role="alert">{words(move || refused.get())}</p>
        </form>
    }
}
