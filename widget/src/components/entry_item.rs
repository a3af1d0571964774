//! One entry of the timeline.

use hotline::sidebar::words;
use leptos::prelude::*;
use protocol::sidebar::Entry;

use super::media_list::MediaList;
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
    let (title, text, who) = (derived(words::title), derived(words::text), derived(words::who));
    let transcript = derived(|it| it.transcript.clone().unwrap_or_default());
    let delivery = derived(words::delivery);
    let speaker = derived(|it| words::speaker(it).to_owned());
    let any = |words: Memo<String>| move || !words.read().is_empty();
    let when = move || match words::ago(sidebar.now.get(), at) {
        None => page::date_and_time(at),
        Some(ago) if ago.contains("day") => format!("{ago}, {}", page::time_of_day(at)),
        Some(ago) => ago,
    };
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
                <Show when=any(title)><strong prop:textContent=title></strong></Show>
                <Show when=any(text)><p dir="auto" prop:textContent=text></p></Show>
                <MediaList entry=media />
                <Show when=any(transcript)><p dir="auto" prop:textContent=transcript></p></Show>
            </div>
            <p class="about">
                <Show when=any(speaker)><span class="unseen" prop:textContent=speaker></span></Show>
                <Show when=any(who)><span prop:textContent=who></span></Show>
                // That time goes by is no news for those who hear the log.
                <time aria-live="off" datetime=at.to_string() title=page::exact(at) prop:textContent=when></time>
                <Show when=any(delivery)><span class:failed=has_failed prop:textContent=delivery></span></Show>
            </p>
            <Show when=move || can_be_repeated.get()>
                <button type="button" class="link" on:click=repeat.clone()>"Send again…"</button>
            </Show>
        </li>
    }
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
            view! { <p class="mark">{words}</p> }
        })
    }
}
