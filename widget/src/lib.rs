//! The sidebar in Help Scout: the person, what was said, a button to call and a box to write.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]
// What components share is a bundle of `Copy` signals, handed on by value as Leptos hands on each of them.
#![allow(clippy::large_types_passed_by_value)]

mod abort_on_drop;
mod api;
mod app;
mod call_words;
mod components;
mod draft;
mod helpscout_host;
mod live;
mod page;
mod state;
mod text_cost;
mod timeline;

use leptos::mount::mount_to;
use wasm_bindgen::prelude::wasm_bindgen;

/// Mounts the app where the page has a place for it and a session; other pages only say something.
#[wasm_bindgen(start)]
pub fn start() {
    let place = page::element("sidebar").filter(|_| !page::meta("ringside-session").is_empty());
    if let Some(place) = place {
        mount_to(place, app::App).forget();
    }
}
