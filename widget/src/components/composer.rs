//! Writing a text from here.

use hotline::sidebar::words;
use leptos::ev;
use leptos::prelude::*;

use super::error_message::{ErrorMessage, last_error};
use super::sentence::Sentence;
use crate::draft::Draft;
use crate::page;
use crate::state::Sidebar;
use crate::text_cost::cost;

/// The box, what the text costs, and what a reply in Help Scout will do.
#[component]
pub fn Composer() -> impl IntoView {
    let Sidebar { person, help_scout, .. } = expect_context();
    let unreachable = Memo::new(move |_| words::unreachable(&person.read()));
    let reply = move || words::reply(&person.read(), &help_scout.customer.read().addresses());
    view! {
        <section aria-label="Write a text" translate="no">
            {move || match unreachable.get() {
                Some(why) => view! { <p class="warning" prop:textContent=why></p> }.into_any(),
                None => view! { <TextForm /> }.into_any(),
            }}
            <Show when=move || help_scout.is_there.get()>
                <p class="quiet"><Sentence parts=Signal::derive(reply) /></p>
            </Show>
        </section>
    }
}

#[component]
fn TextForm() -> impl IntoView {
    let sidebar = expect_context::<Sidebar>();
    let draft = expect_context::<Draft>();
    let send = Action::new_unsync(move |(): &()| async move {
        let text = draft.to_send();
        sidebar.api.send_text(&text).await?;
        draft.sent(&text);
        sidebar.show_newest.notify();
        // The button, which is disabled now, may have had the keyboard.
        page::refocus("text");
        if !sidebar.is_live.get_untracked() {
            // It is sent; that it is not shown yet is no failure.
            sidebar.refresh().await.unwrap_or_default();
        }
        Ok(())
    });
    let is_empty = Memo::new(move |_| draft.text.read().trim().is_empty());
    let cannot = move || is_empty.get() || send.pending().get();
    let try_send = move || {
        if !untrack(cannot) {
            send.dispatch(());
        }
    };
    let send_by_key = move |event: ev::KeyboardEvent| {
        let is_enter = event.key() == "Enter" && !page::is_composing(&event);
        if is_enter && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            try_send();
        }
    };
    let cost = Memo::new(move |_| cost(&draft.text.read()));
    view! {
        // No `<form>`: a frame that is sandboxed without `allow-forms` submits none, and says so to nobody.
        <div class="form">
            <label for="text" prop:textContent=move || words::text_by(&sidebar.person.read())></label>
            <OfferedText />
            <textarea id="text" rows="3" dir="auto" aria-describedby="cost why" bind:value=draft.text
                on:input=move |_| draft.typed()
                on:keydown=send_by_key></textarea>
            <div class="line">
                <span id="cost" class="quiet" prop:textContent=move || cost.read().count.clone()></span>
                <button type="button" class="main" disabled=cannot on:click=move |_| try_send()>"Send"</button>
            </div>
            <p id="why" class="quiet" role="status" prop:textContent=move || cost.read().why.clone()></p>
            <ErrorMessage error=last_error(send) />
        </div>
    }
}

/// Asks before a text that is being written gives way to one that is to be sent again.
#[component]
fn OfferedText() -> impl IntoView {
    let draft = expect_context::<Draft>();
    let answer = move |replaces: bool| {
        let offered = draft.offered.get_untracked().filter(|_| replaces);
        draft.offered.set(None);
        if let Some(again) = offered {
            draft.take(again);
        }
        page::focus("text");
    };
    view! {
        <Show when=move || draft.offered.read().is_some()>
            <div class="question" role="group" aria-labelledby="replace">
                <p id="replace" role="alert">"There is a text in the box. Put the other one in its place?"</p>
                <div class="line">
                    <button type="button" class="plain" on:click=move |_| answer(false)>"Keep mine"</button>
                    <button type="button" class="plain" on:click=move |_| answer(true)>"Replace it"</button>
                </div>
            </div>
        </Show>
    }
}
