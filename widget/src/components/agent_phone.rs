//! The phone on which the agent is rung.

use hotline::sidebar::words::rings_first;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::error_message::{ErrorMessage, last_error};
use crate::page;
use crate::state::Sidebar;

/// The number, and a way to name another one.
#[component]
pub fn AgentPhone() -> impl IntoView {
    let agent = expect_context::<Sidebar>().agent;
    let is_edited = RwSignal::new(false);
    let is_shown = Memo::new(move |_| !is_edited.get() && agent.read().phone.is_some());
    let number = move || {
        let agent = agent.read();
        agent.phone.as_ref().map(|phone| rings_first(phone, agent.confirmed)).unwrap_or_default()
    };
    let change = move |_| {
        is_edited.set(true);
        request_animation_frame(|| page::focus("phone"));
    };
    view! {
        <Show when=move || is_shown.get() fallback=move || view! { <PhoneForm is_edited /> }>
            <p class="quiet">
                <span prop:textContent=number></span>
                <button type="button" class="link" aria-label="Change your phone" on:click=change>"Change"</button>
            </p>
        </Show>
    }
}

#[component]
fn PhoneForm(
    /// Whether there is a phone that can be kept.
    is_edited: RwSignal<bool>,
) -> impl IntoView {
    let sidebar = expect_context::<Sidebar>();
    let field = NodeRef::<html::Input>::new();
    let save = Action::new_unsync(move |typed: &String| {
        let typed = typed.clone();
        async move {
            let agent = sidebar.api.set_phone(typed).await?;
            sidebar.agent.set(agent);
            is_edited.set(false);
            Ok(())
        }
    });
    let try_save = move || {
        let typed = field.get_untracked().map(|field| field.value()).unwrap_or_default();
        if !typed.trim().is_empty() && !save.pending().get_untracked() {
            save.dispatch(typed);
        }
    };
    let keep = move || is_edited.set(false);
    let keep_by_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !page::is_composing(&event) {
            keep();
        }
    };
    let save_by_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && !page::is_composing(&event) {
            try_save();
        }
    };
    view! {
        // No `<form>`, as in the composer.
        <div class="form" on:keydown=keep_by_key>
            <div class="line">
                <label for="phone">"Your phone, which rings first"</label>
                <Show when=move || is_edited.get()>
                    <button type="button" class="link" aria-label="Keep the phone as it was" on:click=move |_| keep()>
                        "Cancel"
                    </button>
                </Show>
            </div>
            <div class="line">
                <input id="phone" type="tel" autocomplete="tel" aria-describedby="phone-refused" node_ref=field
                    on:keydown=save_by_key />
                <button type="button" class="plain" disabled=move || save.pending().get()
                    on:click=move |_| try_save()>"Save"</button>
            </div>
            <ErrorMessage id="phone-refused" error=last_error(save) />
        </div>
    }
}
