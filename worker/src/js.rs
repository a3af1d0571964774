//! JavaScript's objects by the names of their members. The `worker` crate has types for these, each with conversions of
//! its own: together they would weigh as much as all of our routes.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A member.
pub fn get(object: &JsValue, member: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &member.into())
}

/// Calls a method; what it throws is the error.
pub fn call(object: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    get(object, method)?.dyn_into::<Function>()?.apply(object, arguments)
}

/// Makes an object of one of the platform's classes.
pub fn make(class: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    Reflect::construct(&get(&js_sys::global(), class)?.dyn_into::<Function>()?, arguments)
}

/// Calls a method that promises, and waits for it.
pub async fn promised(object: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    JsFuture::from(call(object, method, arguments)?.dyn_into::<Promise>()?).await
}

/// What an error says; it says nothing of what was sent.
pub fn words(error: &JsValue) -> String {
    get(error, "message").ok().and_then(|message| message.as_string()).unwrap_or_default()
}
