//! The configuration, from the bindings: read once for each isolate, since a change of it starts new ones.

use std::cell::OnceCell;
use std::rc::Rc;

use hotline::config::{Config, ConfigError, Var, Version};
use hotline::json;
use hotline::log::{Level, LogLine};
use js_sys::{Array, JSON, Object};
use wasm_bindgen::{JsCast, JsValue};
use worker::Env;

use crate::logging;

thread_local! {
    static CONFIG: OnceCell<Result<Rc<Config>, ConfigError>> = const { OnceCell::new() };
}

/// The configuration, or the first thing that is wrong with it.
pub fn read(env: &Env) -> Result<Rc<Config>, ConfigError> {
    let read = || Config::read(&vars(env)).map(|config| Rc::new(Config { version: version(env), ..config }));
    CONFIG.with(|config| config.get_or_init(|| read().inspect(log_faults)).clone())
}

/// The binding in which the platform says which version runs, as wrangler.toml names it.
const VERSION_METADATA: &str = "CF_VERSION_METADATA";

/// Which version runs; without the binding, as on a developer's machine, nothing says it.
fn version(env: &Env) -> Version {
    let metadata = js_sys::Reflect::get(env.as_ref(), &VERSION_METADATA.into()).unwrap_or_default();
    let text = |name: &str| {
        let text = js_sys::Reflect::get(&metadata, &name.into()).ok()?.as_string()?;
        Some(text).filter(|text| !text.is_empty())
    };
    Version { id: text("id"), uploaded_at: text("timestamp"), schema: hotline::schema() }
}

/// What stops one hotline, or one route, is told once for each isolate; health counts whom it meets.
fn log_faults(config: &Rc<Config>) {
    for fault in &config.faults {
        logging::write(&LogLine::new(Level::Error, "configuration.wrong").about(fault.field.clone()), &[]);
    }
}

/// Variables and secrets. Bindings (objects, assets) are objects with methods and no fields: they are passed over by
/// name, since only names in upper case with an underscore are ours.
fn vars(env: &Env) -> Vec<(String, Var)> {
    let Some(object) = AsRef::<JsValue>::as_ref(env).dyn_ref::<Object>() else { return Vec::new() };
    let var = |entry: JsValue| {
        let [name, value] = [0, 1].map(|at| entry.unchecked_ref::<Array>().get(at));
        let name = name.as_string().filter(|name| name.contains('_'))?;
        if let Some(text) = value.as_string() {
            return Some((name, Var::Text(text)));
        }
        let json: String = JSON::stringify(&value).ok()?.into();
        Some((name, Var::Json(json::parse(json.as_bytes())?)))
    };
    Object::entries(object).iter().filter_map(var).collect()
}
