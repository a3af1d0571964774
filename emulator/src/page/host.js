// Help Scout's side of an app's frame: the frame itself, and the messages each way (npm @helpscout/javascript-sdk).

import { h } from "./dom.js";

const FONTS = ':root { --HSUIKitFontFamily: "Aktiv Grotesk", "Segoe UI", Helvetica, Arial, sans-serif; }';
const START_HEIGHT = 300;

/** Frames an app. `said` hears of notifications and copied texts; the answer ends the frame. */
export function frame(place, { url, name, context }, said) {
  const origin = new URL(url).origin;
  const element = h("iframe", { name, src: url, title: "Ringside", class: "app" });
  element.style.height = `${START_HEIGHT}px`;
  const tell = (message) => element.contentWindow.postMessage(message, origin);
  const hear = ({ source, origin: from, data }) => {
    if (source !== element.contentWindow || from !== origin || data?.iframeId !== name) return;
    const { type, value } = data;
    if (type === "GET_APP_CONTEXT") tell({ type: "SEND_APP_CONTEXT", ...context });
    else if (type === "GET_APP_STYLES") tell({ type: "SEND_APP_STYLES", styles: FONTS });
    else if (type === "SET_APP_HEIGHT" && Number.isFinite(value)) element.style.height = `${value}px`;
    else if (type === "SHOW_NOTIFICATION") said(value.message, value.type);
    else if (type === "SET_CLIPBOARD_TEXT") {
      navigator.clipboard?.writeText(value.text).catch(() => {});
      said(value.successMessage || "Text copied", "SUCCESS");
    }
  };
  addEventListener("message", hear);
  place.replaceChildren(element);
  return () => {
    removeEventListener("message", hear);
    element.remove();
  };
}
