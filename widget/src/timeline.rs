//! What was said, oldest first.

use std::sync::Arc;

use hotline::sidebar::entry::Entry;
use hotline::sidebar::words as say;
use leptos::prelude::*;
use web_sys::Element;

use crate::deeds::{begin, click, event};
use crate::entries::{Place, Row, Timeline};
use crate::followed::{Followed, Words, holds, words};
use crate::sidebar::Sidebar;
use crate::{media, page};

/// How near to the end counts as the end, in pixels: less than a line of text.
const NEAR: i32 = 16;

/// The list in a box that scrolls by itself, so that the buttons stay where they are.
pub fn view(sidebar: Sidebar) -> impl IntoView {
    let (at_end, reads) = (Followed::lasting(true), Followed::lasting(false));
    let scrolled = event(move |_| {
        let Some(log) = page::element("log") else { return };
        let is_at_end = log.scroll_height() - log.scroll_top() - log.client_height() < NEAR;
        if is_at_end && !at_end.now() {
            sidebar.timeline.update(Timeline::trim);
        }
        at_end.set(is_at_end);
    });
    let more = move |which: fn(&Timeline) -> Option<Place>| {
        click(move || {
            let place = sidebar.timeline.peek(which).filter(|_| !reads.now());
            if let Some(place) = place {
                reads.set(true);
                begin(async move {
                    read_more(sidebar, place, at_end).await;
                    reads.set(false);
                });
            }
        })
    };
    let lacks = |which: fn(&Timeline) -> Option<Place>| holds(move || sidebar.timeline.with(which).is_none());
    let label = words(move || {
        let has_news = sidebar.timeline.with(|it| it.has_news);
        if has_news { "Later, with something new" } else { "Later" }.to_owned()
    });
    let items = move || {
        keep_place(at_end.now());
        sidebar.timeline.with(|it| it.rows(sidebar.beside))
    };
    view! {
        <div id="log" role="log" aria-label="Texts and calls" tabindex="0" on:scroll=scrolled
            aria-busy=words(move || reads.get().to_string())>
            <button type="button" class="link" on:click=more(earlier) hidden=lacks(earlier)>"Earlier"</button>
            <p class="quiet" hidden=holds(move || sidebar.timeline.with(|it| !it.is_empty()))>{say::NOTHING_SAID}</p>
            <ol><For each=items key=|row| row.id.clone() children=move |row| entry(sidebar, row) /></ol>
            <button type="button" class="link" on:click=more(later) hidden=lacks(later)>{label}</button>
        </div>
    }
}

fn earlier(timeline: &Timeline) -> Option<Place> {
    timeline.earlier.clone().map(Place::Before)
}

fn later(timeline: &Timeline) -> Option<Place> {
    timeline.later().cloned()
}

/// Finds the place in the list again when the entries that change now have theirs: the end, or what is in sight.
fn keep_place(at_end: bool) {
    let sight = if at_end { None } else { in_sight() };
    request_animation_frame(move || {
        let Some(log) = page::element("log") else { return };
        match sight {
            Some((entry, before)) if entry.is_connected() => {
                let moved = entry.get_bounding_client_rect().top() - before;
                #[expect(clippy::cast_possible_truncation, reason = "a log is far below 2^31 pixels high")]
                log.set_scroll_top(log.scroll_top() + moved.round() as i32);
            }
            _ => log.set_scroll_top(log.scroll_height()),
        }
    });
}

/// The first entry in sight, and where it stands.
fn in_sight() -> Option<(Element, f64)> {
    let log = page::element("log")?;
    let top = log.get_bounding_client_rect().top();
    let mut entry = log.query_selector("li").ok()?;
    while let Some(it) = entry {
        let place = it.get_bounding_client_rect();
        if place.bottom() > top {
            return Some((it, place.top()));
        }
        entry = it.next_element_sibling();
    }
    None
}

/// Brings the newest into sight: what agents send themselves they want to see, wherever they have read.
pub fn to_end(sidebar: Sidebar) {
    if sidebar.timeline.peek(|it| it.later().is_some()) {
        sidebar.timeline.update(Timeline::leave);
        // What could not be read now is read the next time.
        begin(async move { sidebar.refresh().await.unwrap_or_default() });
    }
    let show = || {
        if let Some(log) = page::element("log") {
            log.set_scroll_top(log.scroll_height());
        }
    };
    show();
    // And once more after an entry that came before this and still waits to find the old place again.
    request_animation_frame(show);
}

async fn read_more(sidebar: Sidebar, place: Place, at_end: &'static Followed<bool>) {
    match sidebar.page(&place).await {
        Ok(page) => {
            at_end.set(false);
            sidebar.trouble.set(String::new());
            sidebar.timeline.update(|it| match &place {
                Place::Before(cursor) if it.earlier.as_ref() == Some(cursor) => it.before(cursor, page),
                _ => it.after(&place, page),
            });
        }
        Err(refusal) => sidebar.trouble.set(refusal.words),
    }
}

/// Where another conversation begins.
fn mark(sidebar: Sidebar, mark: Arc<Followed<Option<u64>>>) -> impl IntoView {
    let (shown, this, other) = (Arc::clone(&mark), Arc::clone(&mark), Arc::clone(&mark));
    let address = move || {
        let conversation = mark.with(|it| it.unwrap_or_default()).to_string();
        [&page::meta("ringside-host"), "/conversation/", &conversation].concat()
    };
    view! {
        <p class="mark" hidden=holds(move || shown.with(Option::is_none))>
            <span hidden=holds(move || this.get() != sidebar.beside)>{say::THIS_CONVERSATION}</span>
            <a href=words(address) target="_blank" rel="noopener"
                hidden=holds(move || other.get() == sidebar.beside)>{say::ANOTHER_CONVERSATION}</a>
        </p>
    }
}

fn entry(sidebar: Sidebar, row: Row) -> impl IntoView {
    let entry = row.entry;
    let now = entry.now();
    let class = say::class(&now);
    let of = |read: fn(&Entry) -> String| -> Words {
        let entry = Arc::clone(&entry);
        words(move || entry.with(read))
    };
    let lacks = |read: fn(&Entry) -> String| {
        let entry = Arc::clone(&entry);
        holds(move || entry.with(read).is_empty())
    };
    let transcript: fn(&Entry) -> String = |it| it.transcript.clone().unwrap_or_default();
    let delivery_class = of(|it| if it.has_failed() { "failed".to_owned() } else { String::new() });
    let at = now.at;
    let when = words(move || say::ago(sidebar.now.get(), at).unwrap_or_else(|| page::date(at)));
    let (sent, again) = (Arc::clone(&entry), Arc::clone(&entry));
    let no_use = move || sidebar.person.with(|it| it.unreachable().is_some());
    let cannot_again = holds(move || no_use() || !sent.with(Entry::is_worth_another_try));
    let again = click(move || {
        sidebar.draft.set(again.now().text);
        page::focus("text");
    });
    view! {
        <li class=class>
            {mark(sidebar, row.mark)}
            <div class="what">
                <strong hidden=lacks(say::title)>{of(say::title)}</strong>
                <p dir="auto" hidden=lacks(say::text)>{of(say::text)}</p>
                {media::view(&entry)}
                <p dir="auto" hidden=lacks(transcript)>{of(transcript)}</p>
            </div>
            <p class="about">
                <span hidden=lacks(say::who)>{of(say::who)}</span>
                <time datetime=page::iso(at) title=page::exact(at)>{when}</time>
                <span class=delivery_class hidden=lacks(say::delivery)>{of(say::delivery)}</span>
            </p>
            <button type="button" class="link" on:click=again hidden=cannot_again>"Send again…"</button>
        </li>
    }
}
