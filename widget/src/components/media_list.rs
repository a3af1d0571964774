//! Pictures, recordings and files of an entry.

use hotline::sidebar::words::file;
use leptos::prelude::*;
use protocol::sidebar::{Entry, Media};

use super::recording::Recording;

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

/// Every change of an entry brings fresh links. A picture that was loaded stays.
#[component]
fn MediaItem(media: Memo<Option<Media>>) -> impl IntoView {
    let link = move || media.read().as_ref().map(|it| it.url.clone());
    let loaded = Memo::new(move |old: Option<&Option<String>>| old.cloned().flatten().or_else(link));
    move || {
        let shown = media.read_untracked();
        let Some(shown) = &*shown else { return ().into_any() };
        if shown.is_audio() {
            view! { <Recording url=Signal::derive(link) /> }.into_any()
        } else if shown.is_picture() {
            view! { <a href=link target="_blank" rel="noopener"><img src=loaded alt="Picture" translate="no" /></a> }
                .into_any()
        } else {
            view! { <a href=link target="_blank" rel="noopener" translate="no">{file(shown)}</a> }.into_any()
        }
    }
}
