//! Calling back: a button, or the call that runs.

use std::time::Duration;

use hotline::sidebar::words::duration;
use leptos::prelude::*;
use protocol::sidebar::{Call, CallState};

use super::agent_phone::AgentPhone;
use super::error_message::{ErrorMessage, last_error};
use crate::call_words::progress;
use crate::page;
use crate::state::Sidebar;

/// The timer's step.
const SECOND: Duration = Duration::from_secs(1);

/// Every how many seconds a running call is asked after, in case a frame about it was lost.
const LOOK: i64 = 5;

/// Calls the person, or shows the call.
#[component]
pub fn CallBack() -> impl IntoView {
    let sidebar = expect_context::<Sidebar>();
    let is_running = Memo::new(move |_| sidebar.call.read().as_ref().is_some_and(|call| !call.is_over()));
    let state = move || sidebar.call.read().as_ref().map(progress).unwrap_or_default();
    view! {
        <Show when=move || sidebar.person.read().is_phone()>
            <section aria-label="Call back" translate="no">
                <div class="progress" class:runs=is_running>
                    <p role="status" prop:textContent=state></p>
                    <div hidden=is_running>
                        <StartCall />
                    </div>
                    // Behind the button that begins it, so that the next Tab from there goes to the one that ends it.
                    <Show when=move || is_running.get()>
                        <RunningCall />
                    </Show>
                </div>
            </section>
        </Show>
    }
}

#[component]
fn StartCall() -> impl IntoView {
    let sidebar = expect_context::<Sidebar>();
    let start = Action::new_unsync(move |(): &()| async move {
        let call = sidebar.api.start_call(page::new_id()).await?;
        sidebar.call.set(Some(call));
        Ok(())
    });
    let cannot = move || start.pending().get() || sidebar.agent.read().phone.is_none();
    view! {
        <button type="button" class="main" disabled=cannot on:click=move |_| { start.dispatch(()); }>
            "Call back"
        </button>
        <ErrorMessage error=last_error(start) />
        <AgentPhone />
    }
}

#[component]
fn RunningCall() -> impl IntoView {
    let sidebar = expect_context::<Sidebar>();
    let stage = Memo::new(move |_| sidebar.call.read().as_ref().map(|call| (call.id.clone(), call.state)));
    let end = Action::new_unsync(move |(): &()| async move {
        let id = sidebar.call.read_untracked().as_ref().map(|call: &Call| call.id.clone()).unwrap_or_default();
        let call = sidebar.api.end_call(&id).await?;
        sidebar.advance(call);
        Ok(())
    });
    let label = move || match *stage.read() {
        Some((_, CallState::Talking)) => "Hang up",
        _ => "Cancel",
    };
    view! {
        <div class="line">
            <StageTimer stage />
            <button type="button" class="stop" prop:textContent=label on:click=move |_| { end.dispatch(()); }></button>
        </div>
        <ErrorMessage error=last_error(end) />
    }
}

/// How long the call has been in its state, by this browser's clock.
#[component]
fn StageTimer(stage: Memo<Option<(String, CallState)>>) -> impl IntoView {
    let sidebar = expect_context::<Sidebar>();
    let since = Memo::new(move |_| {
        stage.track();
        page::now()
    });
    let now = RwSignal::new(page::now());
    let seconds = move || now.get().duration_since(since.get()).as_secs().max(0);
    let tick = set_interval_with_handle(
        move || {
            now.set(page::now());
            if untrack(seconds) % LOOK == LOOK - 1 {
                sidebar.look_at_call();
            }
        },
        SECOND,
    );
    on_cleanup(move || tick.into_iter().for_each(|it| it.clear()));
    view! { <span class="timer" role="timer" prop:textContent=move || duration(seconds())></span> }
}
