//! How deliveries end, for those who hear the page: the log tells them what is added to it, and this what becomes of it.

use hotline::sidebar::words::Part;
use leptos::prelude::*;

use super::sentence::Sentence;
use crate::state::Sidebar;

/// The last delivery that ended. Each is an element of its own, so that the same words are told twice.
#[component]
pub fn Endings() -> impl IntoView {
    let ended = expect_context::<Sidebar>().ended;
    let count = StoredValue::new(0_u32);
    let last = move || {
        let ended = ended.get();
        count.update_value(|count| *count = count.wrapping_add(1));
        ended.map(|parts| (count.get_value(), parts))
    };
    view! {
        <div class="unseen" role="status" translate="no">
            <For each=last key=|(number, _)| *number let:ended>
                <p><Sentence parts=ended.1 /></p>
            </For>
        </div>
    }
}

/// How a delivery ended, and of what.
pub fn told(ending: String, of: Part) -> Vec<Part> {
    vec![Part::Ours(ending), Part::Ours(": ".to_owned()), of]
}
