// The widget's start. `cargo xtask build` makes one script of it and of what wasm-bindgen writes; the wasm lies beside it, under
// the name that the build puts for WIDGET_WASM.
import init from "./build/widget.js";

const sidebar = document.getElementById("sidebar");

// The frame's height, as long as there is no wasm that tells it (as widget/src/helpscout_host.rs does).
function tellHeight() {
  const { name, parent } = window;
  const value = Math.ceil(sidebar.getBoundingClientRect().height) + 1;
  const appId = name.replace(/^app-(side-panel-)?/, "");
  const host = document.querySelector("meta[name=ringside-host]").content;
  parent.postMessage({ type: "SET_APP_HEIGHT", value, appId, iframeId: name }, host);
}

// What the page shows stays. That nothing more comes of it must be said once.
let said = false;
function fail(error) {
  console.error(error);
  if (said) return;
  said = true;
  const words = Object.assign(document.createElement("p"), { className: "trouble", role: "alert" });
  words.textContent = "This browser cannot run the sidebar: nothing new is shown here, and nothing can be sent from here. Please reload the page, or reply in Help Scout.";
  sidebar.prepend(words);
  tellHeight();
}
addEventListener("error", ({ error }) => error?.name === "RuntimeError" && fail(error));

init({ module_or_path: new URL(WIDGET_WASM, import.meta.url) }).catch(fail);
// What the page shows already is not to wait for the wasm.
tellHeight();
