//! One entry of the timeline.

use hotline::sidebar::words;
use leptos::prelude::*;
use protocol::sidebar::Entry;

use super::endings::told;
use super::media_list::MediaList;
use super::sentence::Sentence;
use crate::draft::Draft;
use crate::page;
use crate::state::Sidebar;
use crate::timeline::Row;

/// What was said, by whom, when, and how far it has come.
#[component]
pub fn EntryItem(row: Row) -> impl IntoView {
    let sidebar = expect_context::<Sidebar>();
    let draft = expect_context::<Draft>();
    let Row { entry, mark, .. } = row;
    let media = entry.clone();
    // What is made of the entry, anew only where that has changed.
    let derived = |make: fn(&Entry) -> String| {
        let entry = entry.clone();
        Memo::new(move |_| make(&entry.read()))
    };
    let (class, at) = entry.with_untracked(|it| (words::class(it), it.at));
    let (title, text) = (derived(words::title), derived(words::text));
    let who = {
        let entry = entry.clone();
        Memo::new(move |_| words::who(&entry.read()))
    };
    let transcript = derived(|it| it.transcript.clone().unwrap_or_default());
    let delivery = derived(words::delivery);
    let speaker = derived(|it| words::speaker(it).to_owned());
    let any = |words: Memo<String>| move || !words.read().is_empty();
    let when = move || words::when(sidebar.now.get(), at, page::time_of_day, page::date_and_time);
    // People's words may be translated, ours may not.
    let translate = {
        let entry = entry.clone();
        move || words::is_ours(&entry.read()).then_some("no")
    };
    tell_ending(sidebar, entry.clone());
    let has_failed = {
        let entry = entry.clone();
        Memo::new(move |_| entry.read().has_failed())
    };
    let can_be_repeated = {
        let entry = entry.clone();
        Memo::new(move |_| {
            words::is_worth_another_try(&entry.read()) && words::unreachable(&sidebar.person.read()).is_none()
        })
    };
    let repeat = {
        let entry = entry.clone();
        move |_| {
            draft.offer(&entry.read_untracked());
            page::focus("text");
        }
    };
    view! {
        <li class=class>
            <ConversationMark mark />
            <div class="what">
                <Show when=any(title)><strong translate="no" prop:textContent=title></strong></Show>
                <Show when=any(text)><p dir="auto" translate=translate.clone() prop:textContent=text></p></Show>
                <MediaList entry=media />
                <Show when=any(transcript)><p dir="auto" prop:textContent=transcript></p></Show>
            </div>
            <p class="about" translate="no">
                <span class="unseen" prop:textContent=speaker></span>
                <span><Sentence parts=who /></span>
                // For those who hear the log neither that time goes by nor each step of a delivery is news.
                <time aria-live="off" datetime=at.to_string() title=page::exact(at) prop:textContent=when></time>
                <span aria-live="off" class:failed=has_failed prop:textContent=delivery></span>
            </p>
            <div aria-live="off" translate="no">
                <Show when=move || can_be_repeated.get()>
                    <button type="button" class="link" on:click=repeat.clone()>"Send again…"</button>
                </Show>
            </div>
        </li>
    }
}

/// Tells how the delivery of an entry ends that was under way before.
fn tell_ending(sidebar: Sidebar, entry: ArcRwSignal<Entry>) {
    Effect::new(move |before: Option<Option<String>>| {
        let entry = entry.read();
        let ending = words::ending(&entry);
        if let (Some(None), Some(ending)) = (before, ending.clone()) {
            sidebar.ended.set(Some(told(ending, words::beginning(&entry))));
        }
        ending
    });
}

/// Where another conversation begins.
#[component]
fn ConversationMark(mark: ArcRwSignal<Option<u64>>) -> impl IntoView {
    let beside = expect_context::<Sidebar>().beside;
    let address = |conversation: u64| format!("{}/conversation/{conversation}", page::meta("ringside-host"));
    move || {
        mark.get().map(|conversation| {
            let words = if Some(conversation) == beside {
                view! { <span>{words::THIS_CONVERSATION}</span> }.into_any()
            } else {
                view! {
                    <a href=address(conversation) target="_blank" rel="noopener">{words::ANOTHER_CONVERSATION}</a>
                }
                .into_any()
            };
            view! { <p class="mark" translate="no">{words}</p> }
        })
    }
}
