// Help Scout's side of an app's frame: the frame itself, a side panel that the app may open, and the messages each way
// (npm @helpscout/javascript-sdk).

import { h } from "./dom.js";

const FONTS = ':root { --HSUIKitFontFamily: "Aktiv Grotesk", "Segoe UI", Helvetica, Arial, sans-serif; }';
const START_HEIGHT = 300;

/** Frames an app. `said` hears of notifications and copied texts; the answer ends the frame. */
export function frame(place, { url, name, context }, said) {
  const open = (name, url, kind) => {
    const element = h("iframe", { name, src: url, title: "Ringside", class: kind });
    element.style.height = `${START_HEIGHT}px`;
    return { element, origin: new URL(url).origin };
  };
  const app = open(name, url, "app");
  let panel = null;
  const tell = ({ element, origin }, message) => element.contentWindow.postMessage(message, origin);
  const tellContext = (to) => tell(to, { type: "SEND_APP_CONTEXT", ...context, uiState: { isSidePanelOpen: panel !== null } });
  const setPanel = (url) => {
    panel?.element.remove();
    panel = url ? open(name.replace("app-", "app-side-panel-"), url, "panel") : null;
    // What an app watches has changed. A new panel asks by itself.
    tellContext(app);
    if (panel) place.append(panel.element);
  };
  const notify = (from, { type, message, options }) => {
    said(message, type);
    if (type !== "CONFIRM") return;
    tell(from, { type: `CONFIRM_NOTIFICATION_${confirm(message) ? "CONFIRMED" : "CLOSED"}`, id: options.id });
  };
  const copy = ({ text, successMessage }) => {
    navigator.clipboard?.writeText(text).catch(() => {});
    said(successMessage || "Text copied", "SUCCESS");
  };
  const hear = ({ source, origin, data }) => {
    const from = [app, panel].find((it) => it && it.element.contentWindow === source);
    if (!from || from.origin !== origin || data?.iframeId !== from.element.name) return;
    const { type, value } = data;
    if (type === "GET_APP_CONTEXT") tellContext(from);
    else if (type === "GET_APP_STYLES") tell(from, { type: "SEND_APP_STYLES", styles: FONTS });
    else if (type === "SET_APP_HEIGHT" && Number.isFinite(value)) from.element.style.height = `${value}px`;
    else if (type === "SHOW_NOTIFICATION") notify(from, value);
    else if (type === "SET_CLIPBOARD_TEXT") copy(value);
    else if (type === "OPEN_SIDE_PANEL") setPanel(value);
    else if (type === "CLOSE_SIDE_PANEL") setPanel(null);
  };
  addEventListener("message", hear);
  place.replaceChildren(app.element);
  return () => {
    removeEventListener("message", hear);
    place.replaceChildren();
  };
}
