//! The browser's own JSON, read by name. What is missing or of another kind is empty: the widget shows less, and goes on.

use js_sys::{Array, JSON, Object, Reflect};
use wasm_bindgen::JsValue;

/// A value that came from outside.
pub struct Json(JsValue);

impl Json {
    /// Reads a text; one that is no JSON is null.
    pub fn parse(text: &str) -> Self {
        Self(JSON::parse(text).unwrap_or(JsValue::NULL))
    }

    /// A value that is one already, as a message between windows is.
    pub fn of(value: JsValue) -> Self {
        Self(value)
    }

    /// A member.
    pub fn get(&self, name: &str) -> Self {
        Self(Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::NULL))
    }

    /// A text, or "".
    pub fn text(&self) -> String {
        self.0.as_string().unwrap_or_default()
    }

    /// A text, where null says something else than "".
    pub fn maybe_text(&self) -> Option<String> {
        self.0.as_string()
    }

    /// A whole number. Ours are below 2^53, where JavaScript's numbers are exact.
    pub fn integer(&self) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "a cast stays within i64 whatever it is given")]
        self.0.as_f64().filter(|it| it.is_finite()).map(|it| it as i64)
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        self.0.as_bool() == Some(true)
    }

    /// The elements of an array.
    pub fn list(&self) -> impl Iterator<Item = Self> + use<> {
        let list = if Array::is_array(&self.0) { Array::from(&self.0) } else { Array::new() };
        list.into_iter().map(Self)
    }
}

/// An object of these members.
pub fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // A plain object takes every member.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// A value as text.
pub fn write(value: &JsValue) -> String {
    JSON::stringify(value).map(String::from).unwrap_or_default()
}
