//! The sidebar from its first load on.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;

use crate::api::{Api, ApiError};
use crate::components::{CallBack, Composer, Endings, HotlineHealth, PersonHeader, TimelineLog};
use crate::draft::Draft;
use crate::helpscout_host::HelpScout;
use crate::live::{self, pause};
use crate::page;
use crate::state::{Loaded, Sidebar};

/// How often the newest page is read even when nothing seems to happen: the token lives 15 minutes and is renewed by a
/// request when it is 5 minutes old, so one lost request does no harm; and the links in the page live 15 minutes too.
const REFRESH: Duration = Duration::from_mins(6);

/// How often "5 min ago" is looked at again.
const TICK: Duration = Duration::from_secs(20);

/// The sidebar. Until it has something to show, what the server rendered stays; it is in the same place.
#[component]
pub fn App() -> impl IntoView {
    let (api, help_scout) = (Api::of_page(), HelpScout::of_page());
    if let Some(place) = page::element("sidebar") {
        help_scout.follow_height(place.into());
    }
    let first = LocalResource::new(move || first_load(api));
    move || {
        first.get().map(|loaded| {
            // It runs when what follows stands in the page, and before that is painted: an error on the way there takes
            // nothing away.
            Effect::new(|_| page::take_over());
            match loaded {
                Some(loaded) => view! { <OpenSidebar api help_scout loaded /> }.into_any(),
                None => view! { <SessionOver help_scout /> }.into_any(),
            }
        })
    }
}

/// Reads until it can be read; `None` when the session is over.
async fn first_load(api: Api) -> Option<Loaded> {
    let mut attempts = 0;
    loop {
        match Loaded::read(api).await {
            Ok(loaded) => return Some(loaded),
            Err(_) if api.is_over.get_untracked() => return None,
            Err(error) => tell_in_prerendered(&error),
        }
        sleep(pause(attempts)).await;
        attempts += 1;
    }
}

/// The served page has a place to say why it is not taken over.
fn tell_in_prerendered(error: &ApiError) {
    if let Some(trouble) = page::element("trouble") {
        trouble.set_text_content(Some(&error.to_string()));
    }
}

/// The sidebar of an open session.
#[component]
fn OpenSidebar(api: Api, help_scout: HelpScout, loaded: Loaded) -> impl IntoView {
    let sidebar = Sidebar::new(api, help_scout, loaded);
    provide_context(sidebar);
    provide_context(Draft::of_conversation(sidebar.agent_id, sidebar.beside));
    live::keep_open(sidebar);
    set_interval(move || sidebar.tick(), TICK);
    set_interval(move || sidebar.try_refresh(), REFRESH);
    view! {
        <PersonHeader />
        <Connection />
        <CallBack />
        <TimelineLog />
        <Composer />
        {sidebar.is_operator.then(|| view! { <HotlineHealth /> })}
    }
}

/// Says when nothing new comes, and when this shows somebody else.
#[component]
fn Connection() -> impl IntoView {
    let sidebar = expect_context::<Sidebar>();
    let is_over = sidebar.api.is_over;
    let state = move || match (is_over.get(), sidebar.is_live.get()) {
        (true, _) => SESSION_OVER,
        (false, true) => "",
        (false, false) => "Offline: what is new comes when the connection is back.",
    };
    let other = move || {
        if sidebar.help_scout.has_other_customer.get() {
            "This conversation has another customer now. What is shown here is still about the one before."
        } else {
            ""
        }
    };
    let must_reopen = move || is_over.get() || sidebar.help_scout.has_other_customer.get();
    view! {
        <p class="state" role="status" translate="no" prop:textContent=state></p>
        <p class="trouble" role="alert" translate="no" prop:textContent=other></p>
        <Endings />
        <Show when=must_reopen>
            <OpenAgain help_scout=sidebar.help_scout />
        </Show>
    }
}

const SESSION_OVER: &str = "This sidebar's session is over.";

/// The page of a session that was over before anything could be read.
#[component]
fn SessionOver(help_scout: HelpScout) -> impl IntoView {
    view! {
        <p class="state" role="status" translate="no">{SESSION_OVER}</p>
        <OpenAgain help_scout />
    }
}

/// Loads the page's address, which Help Scout has signed: the server looks anew whether this agent still exists, and whose
/// conversation it is.
#[component]
fn OpenAgain(help_scout: HelpScout) -> impl IntoView {
    view! { <button type="button" class="plain" translate="no" on:click=move |_| help_scout.open_again()>"Open it again"</button> }
}
