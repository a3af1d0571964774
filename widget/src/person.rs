//! Who it is.

use hotline::sidebar::words as say;
use leptos::prelude::*;

use crate::deeds::click;
use crate::followed::{holds, words};
use crate::page;
use crate::sidebar::Sidebar;

/// The person, as the served page shows them too, with what is known of them.
pub fn view(sidebar: Sidebar) -> impl IntoView {
    let person = sidebar.person;
    let about = words(move || {
        let name = sidebar.customer.with(|it| it.name.clone());
        person.with(|it| say::about(it, &name, page::date))
    });
    let copy = click(move || sidebar.host.copy(&person.peek(|it| it.number.clone()), "Number copied"));
    let stopped = words(move || person.with(|it| say::opted_out(it, page::date)));
    let when = words(move || person.with(|it| it.opted_out.map_or_else(String::new, |it| page::exact(it.since))));
    view! {
        <header>
            <div class="line">
                <h1>{words(move || person.with(|it| it.readable.clone()))}</h1>
                <button type="button" class="link" aria-label="Copy the number" on:click=copy
                    hidden=holds(move || !sidebar.in_helpscout.get())>"Copy"</button>
            </div>
            <p class="quiet">{about}</p>
            <p class="warning" title=when hidden=holds(move || person.with(|it| it.opted_out.is_none()))>{stopped}</p>
        </header>
    }
}
