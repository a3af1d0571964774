//! Why something was not done.

use leptos::prelude::*;

use crate::api::ApiError;

/// Says an error, and to those who hear the page at once.
#[component]
pub fn ErrorMessage(
    /// What went wrong, if anything.
    #[prop(into)]
    error: Signal<Option<ApiError>>,
    /// So that a field can be described by it.
    #[prop(optional)]
    id: Option<&'static str>,
) -> impl IntoView {
    let words = move || error.read().as_ref().map(ToString::to_string).unwrap_or_default();
    view! { <p id=id class="trouble" role="alert" translate="no" prop:textContent=words></p> }
}

/// The error of an action's last run, once that is over.
pub fn last_error<I: Send + Sync + 'static, O: Send + Sync + Clone + 'static>(
    action: Action<I, Result<O, ApiError>>,
) -> Signal<Option<ApiError>> {
    Signal::derive(move || if action.pending().get() { None } else { action.value().get().and_then(Result::err) })
}
