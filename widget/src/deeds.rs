//! What is done when something happens in the view; of one type each, so that the view's code for them exists once.

use std::pin::Pin;

use web_sys::{Event, KeyboardEvent, MouseEvent, SubmitEvent};

/// On a click.
pub fn click(deed: impl Fn() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| deed())
}

/// On the submission of a form, which then goes nowhere by itself.
pub fn submit(deed: impl Fn() + 'static) -> Box<dyn FnMut(SubmitEvent)> {
    Box::new(move |event| {
        event.prevent_default();
        deed();
    })
}

/// On a key.
pub fn key(deed: impl Fn(KeyboardEvent) + 'static) -> Box<dyn FnMut(KeyboardEvent)> {
    Box::new(deed)
}

/// On any other event.
pub fn event(deed: impl Fn(Event) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(deed)
}

/// Does something that takes its time.
pub fn begin(deed: impl Future<Output = ()> + 'static) {
    let deed: Pin<Box<dyn Future<Output = ()>>> = Box::pin(deed);
    wasm_bindgen_futures::spawn_local(deed);
}
