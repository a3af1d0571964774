//! Who it is.

use hotline::sidebar::words;
use leptos::prelude::*;

use super::sentence::Sentence;
use crate::page;
use crate::state::Sidebar;

/// The person: number, name, how they write, since when, and whether they want texts.
#[component]
pub fn PersonHeader() -> impl IntoView {
    let Sidebar { person, help_scout, .. } = expect_context();
    let about = move || {
        // The name is of whoever Help Scout says that it is; by now that may be somebody else.
        let name = if help_scout.has_other_customer.get() { String::new() } else { help_scout.customer.read().name() };
        words::about(&person.read(), &name, page::date)
    };
    let copy = move |_| help_scout.copy(&person.read_untracked().number, "Number copied");
    let opted_out_at = move || person.read().opted_out.map(|it| page::exact(it.since));
    view! {
        <header translate="no">
            <div class="line">
                <h1><bdi prop:textContent=move || person.read().readable.clone()></bdi></h1>
                <Show when=move || help_scout.is_there.get()>
                    <button type="button" class="link" aria-label="Copy the number" on:click=copy>"Copy"</button>
                </Show>
            </div>
            <p class="quiet"><Sentence parts=Signal::derive(about) /></p>
            <Show when=move || person.read().opted_out.is_some()>
                <p class="warning" title=opted_out_at
                    prop:textContent=move || words::opted_out(&person.read(), page::date)></p>
            </Show>
        </header>
    }
}
