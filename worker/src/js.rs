//! JavaScript's objects by the names of their members, for what has no type yet.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A member.
pub fn get(object: &JsValue, member: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &member.into())
}

/// Calls a method; what it throws is the error.
pub fn call(object: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    get(object, method)?.dyn_into::<Function>()?.apply(object, arguments)
}
