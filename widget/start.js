// The widget's start. `cargo xtask build` makes one script of it and of what wasm-bindgen writes; the wasm lies beside it.
import init from "./build/widget.js";
init({ module_or_path: new URL("./widget_bg.wasm", import.meta.url) });

// What the page shows already is not to wait for the wasm: the frame's first height (as in widget/src/helpscout_host.rs).
const { name, parent } = window;
const value = Math.ceil(document.getElementById("sidebar").getBoundingClientRect().height) + 1;
const appId = name.replace(/^app-(side-panel-)?/, "");
const host = document.querySelector("meta[name=ringside-host]").content;
parent.postMessage({ type: "SET_APP_HEIGHT", value, appId, iframeId: name }, host);
