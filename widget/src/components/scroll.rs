//! Where the agent is in the log: that stays in sight, whatever comes before or after it, and however wide the log is.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlDivElement, ResizeObserver};

/// How near to the end counts as the end, in pixels: less than a line of text.
const NEAR: i32 = 16;

/// What is held in sight.
#[derive(Clone, Debug)]
enum Held {
    /// The newest entry.
    End,
    /// The first entry that is in sight, this far below the log's upper edge.
    Entry(Element, f64),
}

/// The place in a log.
#[derive(Clone, Copy)]
pub struct ScrollAnchor {
    log: NodeRef<html::Div>,
    held: StoredValue<Held, LocalStorage>,
    /// Where we have scrolled the log to, until the agent scrolls.
    placed: StoredValue<Option<i32>, LocalStorage>,
}

impl ScrollAnchor {
    /// At the end of a log. It is held there, or wherever the agent scrolls to, when the log or its list changes.
    pub fn at_end(log: NodeRef<html::Div>, list: NodeRef<html::Ol>) -> Self {
        let place = Self { log, held: StoredValue::new_local(Held::End), placed: StoredValue::new_local(None) };
        // It is told after the layout and before anything is painted, so nobody sees the log jump.
        let restore = Closure::<dyn Fn()>::new(move || place.restore());
        let observer = ResizeObserver::new(restore.as_ref().unchecked_ref()).ok();
        let watch = StoredValue::new_local((observer, restore));
        Effect::new(move || {
            if let (Some(log), Some(list)) = (log.get(), list.get()) {
                watch.with_value(|(observer, _)| {
                    if let Some(observer) = observer {
                        observer.observe(&log);
                        observer.observe(&list);
                    }
                });
            }
        });
        on_cleanup(move || {
            watch.try_with_value(|(observer, _)| observer.iter().for_each(ResizeObserver::disconnect));
        });
        place
    }

    /// The agent has scrolled. Returns whether they are at the end now and were not before.
    pub fn scrolled(self) -> bool {
        let was_end = self.held.with_value(|held| matches!(held, Held::End));
        let Some(log) = self.log.get_untracked() else { return false };
        // A page hears of our own scrolling with the next frame, when the log may have another width already and not be restored yet.
        if self.placed.get_value() == Some(log.scroll_top()) {
            return false;
        }
        self.placed.set_value(None);
        let is_end = log.scroll_height() - log.scroll_top() - log.client_height() < NEAR;
        self.held.set_value(if is_end { Held::End } else { first_in_sight(&log) });
        is_end && !was_end
    }

    /// Holds what is in sight, even at the end: what comes next is to come before it.
    pub fn hold_entry(self) {
        if let Some(log) = self.log.get_untracked() {
            self.held.set_value(first_in_sight(&log));
        }
    }

    /// Brings the end into sight.
    pub fn show_end(self) {
        self.held.set_value(Held::End);
        self.restore();
    }

    /// Finds the place again, once what has changed is shown. A list that is as high as before calls for it: entries may
    /// have come at one end and gone at the other.
    pub fn restore_soon(self) {
        request_animation_frame(move || self.restore());
    }

    fn restore(self) {
        let Some(log) = self.log.get_untracked() else { return };
        match self.held.try_get_value() {
            Some(Held::Entry(entry, below)) if entry.is_connected() => {
                let moved = below_edge(&log, &entry) - below;
                #[expect(clippy::cast_possible_truncation, reason = "a log is far below 2^31 pixels high")]
                log.set_scroll_top(log.scroll_top() + moved.round() as i32);
            }
            Some(_) => log.set_scroll_top(log.scroll_height()),
            None => return,
        }
        self.placed.set_value(Some(log.scroll_top()));
    }
}

fn below_edge(log: &HtmlDivElement, entry: &Element) -> f64 {
    entry.get_bounding_client_rect().top() - log.get_bounding_client_rect().top()
}

fn first_in_sight(log: &HtmlDivElement) -> Held {
    let top = log.get_bounding_client_rect().top();
    let mut entry = log.query_selector("li").ok().flatten();
    while let Some(it) = entry {
        if it.get_bounding_client_rect().bottom() > top {
            let below = below_edge(log, &it);
            return Held::Entry(it, below);
        }
        entry = it.next_element_sibling();
    }
    Held::End
}
