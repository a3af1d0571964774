//! A value that the view follows. Leptos's own signals cost some kilobytes for every type that they hold; of this one
//! only the value depends on the type.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use leptos::prelude::{ArcTrigger, Notify, Track};
use leptos::tachys::reactive_graph::SharedReactiveFunction;

/// A value, and who is to hear when it changes.
#[derive(Debug)]
pub struct Followed<T> {
    value: RwLock<T>,
    changed: ArcTrigger,
}

impl<T> Followed<T> {
    /// With this value for now.
    pub fn new(value: T) -> Self {
        Self { value: RwLock::new(value), changed: ArcTrigger::new() }
    }

    /// One that lives as long as the page.
    pub fn lasting(value: T) -> &'static Self {
        Box::leak(Box::new(Self::new(value)))
    }

    /// Reads it, and hears of changes.
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        self.changed.track();
        self.peek(read)
    }

    /// Reads it once.
    pub fn peek<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes it.
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.value.write().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify();
        result
    }

    /// Replaces it.
    pub fn set(&self, value: T) {
        self.update(|old| *old = value);
    }
}

impl<T: PartialEq> Followed<T> {
    /// Replaces it unless it is the same.
    pub fn set_if_new(&self, value: T) {
        if self.peek(|old| *old != value) {
            self.set(value);
        }
    }
}

impl<T: Clone> Followed<T> {
    /// A copy, which is followed.
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    /// A copy for once.
    pub fn now(&self) -> T {
        self.peek(T::clone)
    }
}

/// Words in the view that follow what they are made of. All are of one type, so the view's code for them exists once.
pub type Words = SharedReactiveFunction<String>;

/// Whether something holds, followed likewise.
pub type Holds = SharedReactiveFunction<bool>;

/// Words that follow what they are made of.
pub fn words(make: impl Fn() -> String + Send + 'static) -> Words {
    Arc::new(Mutex::new(make))
}

/// Whether something holds, followed.
pub fn holds(look: impl Fn() -> bool + Send + 'static) -> Holds {
    Arc::new(Mutex::new(look))
}
