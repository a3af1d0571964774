//! What was said, oldest first.

use std::sync::Arc;

use hotline::sidebar::entry::Entry;
use hotline::sidebar::words as say;
use leptos::prelude::*;

use crate::deeds::{begin, click, event};
use crate::entries::{Place, Row, Timeline};
use crate::followed::{Followed, Words, holds, words};
use crate::sidebar::Sidebar;
use crate::{media, page, scroll};

/// The list in a box that scrolls by itself, so that the buttons stay where they are.
pub fn view(sidebar: Sidebar) -> impl IntoView {
    let (at_end, reads) = (Followed::lasting(true), Followed::lasting(false));
    let scrolled = event(move |_| {
        let is_at_end = scroll::is_at_end();
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
        scroll::keep_place(at_end.now());
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

/// Brings the newest into sight: what agents send themselves they want to see, wherever they have read.
pub fn to_end(sidebar: Sidebar) {
    if sidebar.timeline.peek(|it| it.later().is_some()) {
        begin(async move {
            // What could not be read now is asked for again with "Later".
            if let Ok(page) = sidebar.page(&Place::Newest).await {
                sidebar.timeline.update(|it| {
                    it.leave();
                    it.newest(page);
                });
            }
        });
    }
    scroll::to_end();
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
