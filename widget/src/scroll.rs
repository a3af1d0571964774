//! Where the agent is in the log: it stays in sight whatever comes before or after it.

use leptos::prelude::request_animation_frame;
use web_sys::{Element, HtmlElement};

use crate::page;

/// How near to the end counts as the end, in pixels: less than a line of text.
const NEAR: i32 = 16;

fn log() -> Option<HtmlElement> {
    page::element("log")
}

/// Whether the newest is in sight.
pub fn is_at_end() -> bool {
    log().is_some_and(|log| log.scroll_height() - log.scroll_top() - log.client_height() < NEAR)
}

/// Brings the newest into sight.
pub fn to_end() {
    let show = || {
        if let Some(log) = log() {
            log.set_scroll_top(log.scroll_height());
        }
    };
    show();
    // And once more after an entry that came before this and still waits to find the old place again.
    request_animation_frame(show);
}

/// Finds the place in the list again when the entries that change now have theirs: the end, or what is in sight.
pub fn keep_place(at_end: bool) {
    let sight = if at_end { None } else { in_sight() };
    request_animation_frame(move || {
        let Some(log) = log() else { return };
        match sight {
            Some((entry, before)) if entry.is_connected() => {
                let moved = entry.get_bounding_client_rect().top() - before;
                #[expect(clippy::cast_possible_truncation, reason = "a log is far below 2^31 pixels high")]
                log.set_scroll_top(log.scroll_top() + moved.round() as i32);
            }
            _ => log.set_scroll_top(log.scroll_height()),
        }
    });
}

/// The first entry in sight, and where it stands.
fn in_sight() -> Option<(Element, f64)> {
    let log = log()?;
    let top = log.get_bounding_client_rect().top();
    let mut entry = log.query_selector("li").ok()?;
    while let Some(it) = entry {
        let place = it.get_bounding_client_rect();
        if place.bottom() > top {
            return Some((it, place.top()));
        }
        entry = it.next_element_sibling();
    }
    None
}
