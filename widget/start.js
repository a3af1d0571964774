// The widget's start. `cargo xtask build` makes one script of it and of what wasm-bindgen writes; the wasm lies beside it, under
// the name that the build puts for WIDGET_WASM.
import init from "./build/widget.js";

const sidebar = document.getElementById("sidebar");
const fallback = document.getElementById("fallback");

// The frame's height, as long as there is no wasm that tells it (as widget/src/helpscout_host.rs does).
function tellHeight() {
  const { name, parent } = window;
  const value = Math.ceil(sidebar.getBoundingClientRect().height) + 1;
  const appId = name.replace(/^app-(side-panel-)?/, "");
  const host = document.querySelector("meta[name=ringside-host]").content;
  parent.postMessage({ type: "SET_APP_HEIGHT", value, appId, iframeId: name }, host);
}

// The page has words for when nothing takes it over, which come by CSS alone after some seconds. Whoever knows why says it
// at once, and in those words. What the page shows stays.
let said = false;
function fail(words, error) {
  console.error(error);
  if (said) return;
  said = true;
  fallback.firstElementChild.textContent = `${words} Nothing new is shown here, and nothing can be sent from here. Use a reply in Help Scout.`;
  fallback.hidden = false;
  fallback.classList.add("said");
  tellHeight();
}

// An error of ours, and none of a browser's extension: after it the widget may be silent for ever.
const STOPPED = "An error has stopped the sidebar.";
const isOurs = (error) => error?.name === "RuntimeError" || String(error?.stack).includes(import.meta.url);
addEventListener("error", ({ error, filename }) => error && (filename === import.meta.url || isOurs(error)) && fail(STOPPED, error));
addEventListener("unhandledrejection", ({ reason }) => isOurs(reason) && fail(STOPPED, reason));

if (typeof WebAssembly === "object") {
  init({ module_or_path: new URL(WIDGET_WASM, import.meta.url) }).catch((error) => fail("The sidebar could not be started in this browser.", error));
} else {
  fail("The sidebar needs WebAssembly, which this browser does not run: Lockdown Mode or a policy may have switched it off.", "no WebAssembly");
}
// What the page shows already is not to wait for the wasm, nor for what comes by CSS.
tellHeight();
if (typeof ResizeObserver === "function") {
  new ResizeObserver(() => (said || sidebar.hasAttribute("aria-busy")) && tellHeight()).observe(sidebar);
}
