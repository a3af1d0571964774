//! The sidebar in Help Scout: the person, what was said, one button to call and a box to write.
//!
//! The page that the Worker serves shows the last of it at once; this takes its place when it has read as much.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod api;
mod call;
mod compose;
mod deeds;
mod entries;
mod followed;
mod host;
mod json;
mod live;
mod media;
mod model;
mod page;
mod person;
mod phone;
mod read;
mod scroll;
mod sidebar;
mod timeline;
mod words;

use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlElement;

use deeds::{begin, click};
use followed::{holds, words};
use sidebar::Sidebar;

/// Starts where the page has a place for it and a session; other pages only say something.
#[wasm_bindgen(start)]
pub fn start() {
    let place = page::element("sidebar");
    let Some(place) = place.filter(|_| !page::meta("ringside-session").is_empty()) else { return };
    let sidebar = Sidebar::of_page();
    sidebar.host.listen(sidebar.customer, sidebar.in_helpscout);
    sidebar.host.follow_height(&place);
    take_over(sidebar, place, 0);
}

/// Puts the widget in the place of what was painted, as soon as it has as much to show.
fn take_over(sidebar: Sidebar, place: HtmlElement, tries: u32) {
    begin(async move {
        let read = sidebar.read().await;
        if let Some(refusal) = read.err().filter(|_| !sidebar.api.is_over.now()) {
            if let Some(trouble) = page::element("trouble") {
                trouble.set_text_content(Some(&refusal.words));
            }
            return set_timeout(move || take_over(sidebar, place, tries + 1), live::pause(tries));
        }
        place.replace_children_with_node_0();
        mount_to(place.clone(), move || whole(sidebar)).forget();
        // It can be used now.
        let _ = place.remove_attribute("aria-busy");
        sidebar.keep();
    });
}

fn whole(sidebar: Sidebar) -> impl IntoView {
    let state = words(move || {
        let said = if sidebar.api.is_over.get() {
            "This sidebar's session is over."
        } else if sidebar.is_live.get() {
            ""
        } else {
            "Offline: what is new comes when the connection is back."
        };
        said.to_owned()
    });
    let is_unknown = move || sidebar.person.with(|it| it.readable.is_empty());
    let reopen = click(|| {
        // The address was signed by Help Scout; the server looks anew whether this agent still exists.
        let _ = window().location().reload();
    });
    view! {
        {person::view(sidebar)}
        <p class="state" role="status">{state}</p>
        <p class="trouble" role="alert">{words(move || sidebar.trouble.get())}</p>
        <button type="button" class="plain" on:click=reopen
            hidden=holds(move || !(sidebar.api.is_over.get() || is_unknown()))>"Open it again"</button>
        <div hidden=holds(is_unknown)>
            {call::view(sidebar)}
            {timeline::view(sidebar)}
            {compose::view(sidebar)}
        </div>
    }
}
