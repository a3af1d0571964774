//! A request to an object, tried twice where the platform says that it may be: while a new version is deployed, or an object
//! moves to another machine, one try fails and the next one works.

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::{Env, Error, Result, Stub};

#[wasm_bindgen]
extern "C" {
    /// What the platform says of an error of an object (Cloudflare, Durable Objects: Error handling).
    type ObjectError;

    /// It was the platform's, and may not come again.
    #[wasm_bindgen(method, getter)]
    fn retryable(this: &ObjectError) -> Option<bool>;

    /// The object has too much to do; another request would make it worse.
    #[wasm_bindgen(method, getter)]
    fn overloaded(this: &ObjectError) -> Option<bool>;
}

/// Sends a request to the object of this name. A stub whose request has failed is broken, so the second try has a new one.
pub async fn send<T>(env: &Env, (binding, name): (&str, &str), once: impl AsyncFn(Stub) -> Result<T>) -> Result<T> {
    let stub = || env.durable_object(binding)?.get_by_name(name);
    match once(stub()?).await {
        Err(error) if may_be_tried_again(&error) => once(stub()?).await,
        done => done,
    }
}

fn may_be_tried_again(error: &Error) -> bool {
    let error: JsValue = error.to_js_value();
    if !error.is_object() {
        return false;
    }
    let error: ObjectError = error.unchecked_into();
    error.retryable() == Some(true) && error.overloaded() != Some(true)
}
