//! What was said, oldest first.

use std::time::Duration;

use hotline::sidebar::words::NOTHING_SAID;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::entry_item::EntryItem;
use super::error_message::{ErrorMessage, last_error};
use super::scroll;
use crate::state::Sidebar;
use crate::timeline::{PageCursor, Timeline};

/// Within what time browsers have told a screen reader of what was added.
const TOLD: Duration = Duration::from_secs(1);

/// The timeline, in a box that scrolls by itself, so that the buttons around it stay where they are.
#[component]
pub fn TimelineLog() -> impl IntoView {
    let sidebar = expect_context::<Sidebar>();
    let timeline = sidebar.timeline;
    let (log, list) = (NodeRef::<html::Div>::new(), NodeRef::<html::Ol>::new());
    let place = scroll::ScrollAnchor::at_end(log, list);
    let is_hushed = RwSignal::new(false);
    let read_more = Action::new_unsync(move |wanted: &PageCursor| {
        let wanted = wanted.clone();
        async move {
            let page = sidebar.read(&wanted).await?;
            hush(is_hushed);
            place.hold_entry();
            let mut timeline = timeline.write();
            match &wanted {
                PageCursor::Before(cursor) if timeline.earlier.as_ref() == Some(cursor) => {
                    timeline.before(cursor, page);
                }
                _ => timeline.after(&wanted, page),
            }
            Ok(())
        }
    });
    let ask = move |wanted: Option<PageCursor>| {
        if let Some(wanted) = wanted.filter(|_| !read_more.pending().get_untracked()) {
            read_more.dispatch(wanted);
        }
    };
    let earlier = move || timeline.read().earlier.clone().map(PageCursor::Before);
    let next_page = move || timeline.read().next_page().cloned();
    let later_label = move || if timeline.read().has_news { "Later, with something new" } else { "Later" };
    let on_scroll = move |_| {
        if place.scrolled() {
            timeline.update(Timeline::trim);
        }
    };
    show_newest_when_told(sidebar, place, is_hushed);
    Effect::new(move || {
        timeline.track();
        place.restore_soon();
    });
    view! {
        <div id="log" role="log" aria-label="Texts and calls" aria-relevant="additions" tabindex="0"
            aria-live=move || if is_hushed.get() { "off" } else { "polite" } node_ref=log on:scroll=on_scroll
            aria-busy=move || read_more.pending().get().to_string()>
            <Show when=move || earlier().is_some()>
                <button type="button" class="link" translate="no" on:click=move |_| ask(untrack(earlier))>"Earlier"</button>
            </Show>
            <Show when=move || timeline.read().is_empty()>
                <p class="quiet" translate="no">{NOTHING_SAID}</p>
            </Show>
            <ol node_ref=list>
                <For each=move || timeline.read().rows() key=|row| row.id.clone() let:row>
                    <EntryItem row />
                </For>
            </ol>
            <Show when=move || next_page().is_some()>
                <button type="button" class="link" translate="no" prop:textContent=later_label
                    on:click=move |_| ask(untrack(next_page))></button>
            </Show>
        </div>
        <ErrorMessage error=last_error(read_more) />
    }
}

/// Lets pages come into the log that were asked for: what was said long ago is not told as news.
fn hush(is_hushed: RwSignal<bool>) {
    is_hushed.set(true);
    set_timeout(move || is_hushed.set(false), TOLD);
}

/// What agents send themselves they want to see, wherever they have read.
fn show_newest_when_told(sidebar: Sidebar, place: scroll::ScrollAnchor, is_hushed: RwSignal<bool>) {
    Effect::new(move |ran_before: Option<()>| {
        sidebar.show_newest.track();
        if ran_before.is_none() {
            return;
        }
        place.show_end();
        if sidebar.timeline.with_untracked(|it| it.next_page().is_some()) {
            spawn_local(async move {
                // What could not be read now is asked for again with "Later".
                if let Ok(page) = sidebar.read(&PageCursor::Newest).await {
                    hush(is_hushed);
                    let mut timeline = sidebar.timeline.write();
                    timeline.leave();
                    timeline.show_newest_page(page);
                }
            });
        }
    });
}
