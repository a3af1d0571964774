//! A sentence with names in it.

use hotline::sidebar::words::Part;
use leptos::prelude::*;

/// Shows each name as a piece of its own, whichever way it runs.
#[component]
pub fn Sentence(
    /// What is said.
    #[prop(into)]
    parts: Signal<Vec<Part>>,
) -> impl IntoView {
    // Text is set on elements and no text node is kept, since a browser that translates replaces those.
    let show = |part| match part {
        Part::Ours(words) => view! { <span prop:textContent=words></span> }.into_any(),
        Part::Name(name) => view! { <bdi prop:textContent=name></bdi> }.into_any(),
    };
    move || parts.get().into_iter().map(show).collect_view()
}
