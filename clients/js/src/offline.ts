import type { Engine } from "./options.js";

/**
 * Keeps the Engine from closing when the browser says that it is offline. Returns how to end that.
 *
 * That is only a hint, and a session survives it. The Engine's listener was there first, and some browsers call those of
 * a window in the order in which they came, so none can come before it. But it closes only in states that it knows; so it
 * is told another one while such an event is dispatched. An application that closes it at the same moment does so all the
 * same.
 */
export function keepOpen(engine: Engine, scope: EventTarget): () => void {
  const moment = new OfflineMoment(scope);
  const ownClose = Object.getOwnPropertyDescriptor(engine, "close");
  const { close } = engine;
  let state = engine.readyState;
  let isClosing = false;
  Object.defineProperty(engine, "readyState", {
    configurable: true,
    enumerable: true,
    get: () => ((state === "opening" || state === "open") && !isClosing && moment.isNow ? "offline" : state),
    set: (next: string) => (state = next),
  });
  engine.close = () => {
    isClosing = true;
    try {
      return close.call(engine);
    } finally {
      isClosing = false;
    }
  };
  return () => {
    moment.forget();
    Object.defineProperty(engine, "readyState", { configurable: true, enumerable: true, writable: true, value: state });
    // The Engine's own method is on its prototype.
    if (ownClose) Object.defineProperty(engine, "close", ownClose);
    else Reflect.deleteProperty(engine, "close");
  };
}

/** Whether listeners for `offline` run at this moment. */
class OfflineMoment {
  readonly forget: () => void;
  /** For a worker, which does not say which event it dispatches: whether it was heard that there is no network. */
  #isHeard = !isOnline();

  constructor(scope: EventTarget) {
    const offline = () => void setTimeout(() => (this.#isHeard = !isOnline()), 0);
    const online = () => (this.#isHeard = false);
    scope.addEventListener("offline", offline);
    scope.addEventListener("online", online);
    this.forget = () => {
      scope.removeEventListener("offline", offline);
      scope.removeEventListener("online", online);
    };
  }

  get isNow(): boolean {
    if ("event" in globalThis) return (globalThis as { event?: Event }).event?.type === "offline";
    return !isOnline() && !this.#isHeard;
  }
}

function isOnline(): boolean {
  return (globalThis.navigator as { onLine?: boolean } | undefined)?.onLine !== false;
}
