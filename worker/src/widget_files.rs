//! Which files the widget of this build has. The build says it at the beginning of the Worker's script.

use hotline::sidebar::page::WidgetFiles;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    type Built;

    #[wasm_bindgen(thread_local_v2, js_name = RINGSIDE_WIDGET)]
    static BUILT: Option<Built>;

    #[wasm_bindgen(method, getter)]
    fn script(this: &Built) -> String;

    #[wasm_bindgen(method, getter)]
    fn wasm(this: &Built) -> String;
}

/// The files; without them the page shows what it shows, and nothing starts.
pub fn of_this_build() -> Option<WidgetFiles> {
    BUILT.with(|built| built.as_ref().map(|built| WidgetFiles { script: built.script(), wasm: built.wasm() }))
}
