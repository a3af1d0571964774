//! The only clock; the rules are handed the time.

use hotline::config::{Date, WallClock};
use hotline::effects::Millis;
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::js;

/// Milliseconds since 1970.
pub fn now() -> Millis {
    // Whole milliseconds far below 2^53: nothing is lost.
    #[expect(clippy::cast_possible_truncation)]
    let now = js_sys::Date::now() as Millis;
    now
}

/// What the clock on a wall in a time zone shows now; `None` when there is no such zone.
pub fn on_the_wall(time_zone: &str) -> Option<WallClock> {
    let options = Object::new();
    for (name, value) in [
        ("timeZone", time_zone),
        ("year", "numeric"),
        ("month", "2-digit"),
        ("day", "2-digit"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("hourCycle", "h23"),
    ] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    // The locale writes 2026-11-20, 09:44.
    let arguments = Array::of2(&"sv-SE".into(), &options);
    let intl = js::get(&js::get(&js_sys::global(), "Intl").ok()?, "DateTimeFormat").ok()?;
    let intl: Function = intl.dyn_into().ok()?;
    let format = Reflect::construct(&intl, &arguments).ok()?;
    let shown = js::call(&format, "format", &Array::of1(&JsValue::from_f64(js_sys::Date::now()))).ok()?.as_string()?;
    let (date, time) = shown.split_once(' ')?;
    let (hour, minute) = time.split_once(':')?;
    Some(WallClock { date: Date::parse(date)?, minute: hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()? })
}
