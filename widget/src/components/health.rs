//! How the hotlines fare, for owners and administrators: a button, and the report that it opens.

use std::time::Duration;

use hotline::sidebar::words::health::{TITLE, as_of, class, first_line};
use leptos::prelude::*;
use protocol::health::Health;

use super::error_message::ErrorMessage;
use super::health_report::{Reasons, Report};
use crate::api::ApiError;
use crate::page;
use crate::state::Sidebar;

/// How often the report is read while it is open. What waits is told within 15 seconds, and what happened within two minutes
/// (docs/HEALTH.md).
const READ_AGAIN: Duration = Duration::from_mins(1);

/// The button, and the report while it is open.
#[component]
pub fn HotlineHealth() -> impl IntoView {
    let api = expect_context::<Sidebar>().api;
    let is_open = RwSignal::new(false);
    let read = Action::new_unsync(move |(): &()| async move { api.health().await });
    // One at a time.
    let read_now = Callback::new(move |()| {
        if !read.pending().get_untracked() {
            read.dispatch(());
        }
    });
    let toggle = move |_| {
        is_open.update(|open| *open = !*open);
        if is_open.get_untracked() {
            read_now.run(());
        }
    };
    // The timer lives as long as the sidebar: one that lived as long as the open report would find nothing to act on.
    let read_again = move || {
        if is_open.get_untracked() && !api.is_over.get_untracked() {
            read_now.run(());
        }
    };
    set_interval(read_again, READ_AGAIN);
    view! {
        <footer translate="no">
            <button type="button" class="link" aria-expanded=move || is_open.get().to_string() aria-controls="health"
                on:click=toggle>{TITLE}</button>
            <div id="health" role="region" aria-label=TITLE hidden=move || !is_open.get()>
                <Show when=move || is_open.get()>
                    <OpenHealth read read_now />
                </Show>
            </div>
        </footer>
    }
}

/// When the report cannot be read, the last one stays and is said to be old.
#[component]
fn OpenHealth(
    /// Whose answers are shown.
    read: Action<(), Result<Health, ApiError>>,
    /// Reads the report, unless that is under way.
    read_now: Callback<()>,
) -> impl IntoView {
    // Both stay as they are while the next answer is under way.
    let error = Memo::new(move |_| read.value().get().and_then(Result::err));
    let last = Memo::new(move |before: Option<&Option<Health>>| {
        let read = read.value().get().and_then(Result::ok);
        read.or_else(|| before.cloned().flatten())
    });
    let is_old = move || error.read().is_some();
    let first = move || first_line(last.read().as_ref(), is_old(), page::time_of_day);
    let class = move || class(last.read().as_ref(), is_old());
    let as_of = move || last.read().as_ref().map(|health| as_of(health, page::exact)).unwrap_or_default();
    view! {
        <div class=class>
            <p role="status" prop:textContent=first></p>
            {move || last.get().map(|health| view! { <Reasons health /> })}
        </div>
        <ErrorMessage error />
        {move || last.get().map(|health| view! { <Report health /> })}
        <div class="line quiet">
            <span prop:textContent=as_of></span>
            <button type="button" class="link" on:click=move |_| read_now.run(())>"Read now"</button>
        </div>
    }
}
