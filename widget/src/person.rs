//! Who it is.

use leptos::prelude::*;

use crate::deeds::click;
use crate::followed::{holds, words};
use crate::page;
use crate::sidebar::Sidebar;
use crate::words::channel;

/// The person, as the served page shows them too, with what is known of them.
pub fn view(sidebar: Sidebar) -> impl IntoView {
    let person = sidebar.person;
    let about = words(move || {
        let name = sidebar.customer.with(|it| it.name.clone());
        // A customer whom only the hotline knows is named by the number.
        let name = if person.with(|it| it.readable == name) { String::new() } else { name };
        let (channel, since) = person.with(|it| {
            let since = ["since ", &page::date(it.since)].concat();
            (channel(&it.channel), if it.first_contact { "first contact".to_owned() } else { since })
        });
        [name.as_str(), if name.is_empty() { "" } else { " · " }, channel, " · ", &since].concat()
    });
    let copy = click(move || sidebar.host.copy(&person.peek(|it| it.number.clone()), "Number copied"));
    let stopped = words(move || {
        let since = person.with(|it| it.opted_out);
        since.map_or(String::new(), |since| ["Opted out of texts on ", &page::exact(since)].concat())
    });
    view! {
        <header>
            <div class="line">
                <h1>{words(move || person.with(|it| it.readable.clone()))}</h1>
                <button type="button" class="link" aria-label="Copy the number" on:click=copy
                    hidden=holds(move || !sidebar.in_helpscout.get())>"Copy"</button>
            </div>
            <p class="quiet">{about}</p>
            <p class="warning" hidden=holds(move || person.with(|it| it.opted_out.is_none()))>{stopped}</p>
        </header>
    }
}
