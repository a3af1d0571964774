//! Pictures, recordings and files of an entry.

use std::sync::{Arc, Mutex};

use hotline::sidebar::entry::{Entry, Medium};
use hotline::sidebar::words::file;
use leptos::prelude::*;
use leptos::tachys::reactive_graph::SharedReactiveFunction;
use wasm_bindgen::JsCast;
use web_sys::HtmlMediaElement;

use crate::followed::Followed;

/// What came along. Every word about an entry brings fresh links; a picture that was loaded stays, and so does a
/// recording that is being listened to.
pub fn view(entry: &Arc<Followed<Entry>>) -> impl IntoView + use<> {
    let (entry, loaded) = (Arc::clone(entry), Followed::new(Vec::<String>::new()));
    let all = move || {
        let (id, media) = entry.with(|it| (it.id.clone(), it.media.clone()));
        let medium = |(at, it): (usize, &Medium)| {
            let id = ["media ", &id, " ", &at.to_string()].concat();
            let old = loaded.peek(|all| all.get(at).cloned());
            let source = old.filter(|_| it.is_picture() || plays(&id)).unwrap_or_else(|| it.url.clone());
            (show(id, it, source.clone()), source)
        };
        let (shown, sources): (Vec<_>, Vec<_>) = media.iter().enumerate().map(medium).unzip();
        loaded.set(sources);
        shown
    };
    let all: SharedReactiveFunction<Vec<_>> = Arc::new(Mutex::new(all));
    all
}

fn plays(id: &str) -> bool {
    let player = document().get_element_by_id(id).and_then(|it| it.dyn_into::<HtmlMediaElement>().ok());
    player.is_some_and(|it| !it.paused())
}

fn show(id: String, medium: &Medium, source: String) -> impl IntoView + use<> {
    let (picture, audio) = (medium.is_picture(), medium.is_audio());
    let name = if picture { String::new() } else { file(medium) };
    let (image, sound) = (picture.then(|| source.clone()), audio.then_some(source));
    view! {
        <a href=medium.url.clone() target="_blank" rel="noopener" hidden=audio>
            <img src=image alt="Picture" hidden=!picture />
            {name}
        </a>
        <audio id=id controls=true preload="none" aria-label="Recording" src=sound hidden=!audio></audio>
    }
}
