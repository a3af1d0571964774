// The Worker's entry. A trap in wasm ends its instance, and with it, silently, every request under way in the isolate:
// callers would hang, and an object's alarm would never come again. Here a trap becomes an error for all of them, which
// Twilio and Help Scout answer with a retry and the platform with another alarm.
import Base, * as objects from "./build/index.js";

let pending = new Set();

const isTrap = (error) =>
  error instanceof WebAssembly.RuntimeError ||
  /^(Critical error|Maximum call stack|Cannot invoke closure from previous)/.test(error?.message ?? "");

function failAll(error) {
  const all = pending;
  pending = new Set();
  for (const reject of all) reject(new Error("instance lost: " + error?.message));
}

addEventListener("error", (event) => {
  if (isTrap(event.error)) failAll(event.error);
});

const guard = (run) =>
  new Promise((resolve, reject) => {
    pending.add(reject);
    const end = () => pending.delete(reject);
    (async () => run())().then(
      (value) => {
        end();
        resolve(value);
      },
      (error) => {
        end();
        reject(error);
        if (isTrap(error)) failAll(error);
      },
    );
  });

const handlers = ["fetch", "alarm", "scheduled", "webSocketMessage", "webSocketClose", "webSocketError"];

function guarded(Class) {
  const Guarded = class extends Class {};
  for (const name of handlers) {
    if (typeof Class.prototype[name] !== "function") continue;
    Guarded.prototype[name] = function (...args) {
      return guard(() => Class.prototype[name].apply(this, args));
    };
  }
  return Guarded;
}

export default guarded(Base);
export const Contact = guarded(objects.Contact);
export const Call = guarded(objects.Call);
// The names under which the storage of these two classes was made.
export const Hotline = guarded(objects.Directory);
export const Gate = guarded(objects.RateLimiter);
