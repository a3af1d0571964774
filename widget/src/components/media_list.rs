//! Pictures, recordings and files of an entry.

use hotline::sidebar::words::{RECORDING_LOST, file};
use leptos::html;
use leptos::prelude::*;
use protocol::sidebar::{Entry, Media};

/// What came along with an entry.
#[component]
pub fn MediaList(entry: ArcRwSignal<Entry>) -> impl IntoView {
    let count = {
        let entry = entry.clone();
        move || 0..entry.read().media.len()
    };
    view! {
        <For each=count key=|place| *place let:place>
            {
                let entry = entry.clone();
                let media = Memo::new(move |_| entry.read().media.get(place).cloned());
                view! { <MediaItem media /> }
            }
        </For>
    }
}

/// Every change of an entry brings fresh links. A picture that was loaded stays, and so does a recording that somebody
/// listens to, or has stopped in the middle.
#[component]
fn MediaItem(media: Memo<Option<Media>>) -> impl IntoView {
    let player = NodeRef::<html::Audio>::new();
    let is_lost = RwSignal::new(false);
    let link = move || media.read().as_ref().map(|it| it.url.clone());
    let is_heard = move || {
        player
            .get_untracked()
            .is_some_and(|player| !player.paused() || (player.current_time() > 0.0 && !player.ended()))
    };
    let loaded = Memo::new(move |old: Option<&Option<String>>| {
        let is_picture = media.read().as_ref().is_some_and(Media::is_picture);
        let kept = old.filter(|_| is_picture || is_heard()).cloned().flatten();
        kept.or_else(link)
    });
    move || {
        let shown = media.read_untracked();
        let Some(shown) = &*shown else { return ().into_any() };
        if shown.is_audio() {
            view! {
                <audio
                    controls=true
                    preload="none"
                    aria-label="Recording"
                    src=loaded
                    node_ref=player
                    on:error=move |_| is_lost.set(true)
                ></audio>
                <Show when=move || is_lost.get()>
                    <p role="status">{RECORDING_LOST}</p>
                </Show>
            }
            .into_any()
        } else if shown.is_picture() {
            view! { <a href=link target="_blank" rel="noopener"><img src=loaded alt="Picture" /></a> }.into_any()
        } else {
            view! { <a href=link target="_blank" rel="noopener">{file(shown)}</a> }.into_any()
        }
    }
}
