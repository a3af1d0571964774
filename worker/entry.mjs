// The Worker's entry. A trap in wasm ends its instance, and with it, silently, every request under way in the isolate:
// callers would hang, and an object's alarm would never come again. Here a trap becomes an error for all of them, which
// Twilio and Help Scout answer with a retry and the platform with another alarm.
import * as wasm from "./build/index.js";

// Rust's part of a stack is long; the default is 10.
Error.stackTraceLimit = 100;

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

// Number of the current instance. The first call into wasm after a trap begins a new instance, so this call does too.
const currentInstance = () => wasm.__worker_init_state().instanceId;

// Class for the platform around one of Rust's: its Rust object lives in an instance of wasm, and is made again in the next.
function durableObject(RustClass) {
  class DurableObject {
    constructor(...args) {
      this.args = args;
    }

    rustObject() {
      const instance = currentInstance();
      if (this.instance !== instance) {
        this.object = new RustClass(...this.args);
        this.instance = instance;
      }
      return this.object;
    }
  }
  // The platform looks for `alarm` and the like before it calls them.
  for (const handler of ["fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError"]) {
    if (!RustClass.prototype[handler]) continue;
    DurableObject.prototype[handler] = function (...args) {
      return guard(() => this.rustObject()[handler](...args));
    };
  }
  return DurableObject;
}

export default {
  fetch: (request, env, context) => guard(() => wasm.fetch(request, env, context)),
  scheduled: (event, env, context) => guard(() => wasm.scheduled(event, env, context)),
};
export const Contact = durableObject(wasm.Contact);
export const Call = durableObject(wasm.Call);
export const ApiKey = durableObject(wasm.ApiKey);
export const Audience = durableObject(wasm.Audience);
export const VerificationLimit = durableObject(wasm.VerificationLimit);
export const Endpoint = durableObject(wasm.Endpoint);
export const Participant = durableObject(wasm.Participant);
export const Monitor = durableObject(wasm.Monitor);
// The names under which the storage of these two classes was made.
export const Hotline = durableObject(wasm.Directory);
export const Gate = durableObject(wasm.RateLimiter);
