//! A recording, and where in it somebody listens.

use std::time::Duration;

use hotline::sidebar::words::RECORDING_LOST;
use leptos::html;
use leptos::prelude::*;
use protocol::{SignedDuration, Timestamp};
use wasm_bindgen::prelude::*;
use web_sys::HtmlAudioElement;

use crate::page;

/// How long a link is used: a minute less than the fifteen that it is good for (`hotline/src/media.rs`).
const GOOD: SignedDuration = SignedDuration::from_mins(14);

/// How often the age of a link is looked at: its last minute is not missed.
const LOOK: Duration = Duration::from_secs(30);

/// A link, and when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Link {
    url: String,
    came: Timestamp,
}

impl Link {
    fn is_good(&self) -> bool {
        page::now().duration_since(self.came).abs() < GOOD
    }
}

/// A player. What somebody listens to, or has stopped in the middle, keeps its link as long as that is good, and goes on
/// at the same place with a fresh one.
#[component]
pub fn Recording(
    /// The freshest link.
    url: Signal<Option<String>>,
) -> impl IntoView {
    let player = NodeRef::<html::Audio>::new();
    let is_lost = RwSignal::new(false);
    let freshest = Memo::new(move |_| Link { url: url.get().unwrap_or_default(), came: page::now() });
    let loaded = StoredValue::new(None::<Link>);
    let has_freshest =
        move || loaded.with_value(|it| it.as_ref().is_some_and(|it| it.url == freshest.read_untracked().url));
    let load = move |player: &HtmlAudioElement| {
        let link = freshest.get_untracked();
        is_lost.set(false);
        go_on(player, &link.url);
        loaded.set_value(Some(link));
    };
    let renew = move || {
        if let Some(player) = player.get_untracked().filter(|_| !has_freshest()) {
            let is_good = loaded.with_value(|it| it.as_ref().is_some_and(Link::is_good));
            let is_in_use = !player.paused() || (is_begun(&player) && is_good);
            if !is_in_use || is_lost.get_untracked() {
                load(&player);
            }
        }
    };
    Effect::new(move || {
        freshest.track();
        player.track();
        renew();
    });
    let look = set_interval_with_handle(renew, LOOK);
    on_cleanup(move || look.into_iter().for_each(|it| it.clear()));
    // The link of one that plays may have ended.
    let on_error = move |_| match player.get_untracked() {
        Some(player) if !has_freshest() => load(&player),
        _ => is_lost.set(true),
    };
    view! {
        <audio controls=true preload="none" aria-label="Recording" node_ref=player on:error=on_error></audio>
        <Show when=move || is_lost.get()>
            <p role="status" translate="no">{RECORDING_LOST}</p>
        </Show>
    }
}

fn is_begun(player: &HtmlAudioElement) -> bool {
    player.current_time() > 0.0 && !player.ended()
}

/// Gives a player another link to the same recording, at the place where it is.
fn go_on(player: &HtmlAudioElement, url: &str) {
    let place = if is_begun(player) { player.current_time() } else { 0.0 };
    let plays = !player.paused();
    player.set_src(url);
    if place > 0.0 {
        // Before anything is loaded this is where it begins (HTML, default playback start position).
        player.set_current_time(place);
    }
    if plays && let Ok(begun) = player.play() {
        // One that does not begin says so by its error event.
        let ignore = Closure::<dyn FnMut(JsValue)>::new(|_| {});
        let _ = begun.catch(&ignore);
        // The browser may call it as late as it likes.
        ignore.forget();
    }
}
