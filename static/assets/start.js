// The widget's start; its wasm lies beside it.
import init from "./widget.js";
init({ module_or_path: new URL("./widget_bg.wasm", import.meta.url) });
