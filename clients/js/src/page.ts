import type { Engine } from "./options.js";

export interface PageWatch {
  engine: Engine;
  offline: () => void;
  online: () => void;
  visibility: () => void;
  /** The page goes on after it was frozen, or kept aside. */
  restored: () => void;
  unload: () => void;
}

/** What a browser says of the page and the network. In Node.js it says nothing. */
export function watchPage({ engine, offline, online, visibility, restored, unload }: PageWatch): { forget: () => void; isHidden: () => boolean } {
  const isHidden = () => typeof document !== "undefined" && document.visibilityState === "hidden";
  if (typeof addEventListener !== "function" || typeof removeEventListener !== "function") {
    return { forget: () => undefined, isHidden };
  }
  const scope: EventTarget = globalThis;
  const connection = (globalThis.navigator as { connection?: EventTarget } | undefined)?.connection;
  const listeners: [EventTarget | undefined, string, (event: Event) => void, boolean][] = [
    [
      scope,
      "offline",
      () => {
        keepOpen(engine, scope);
        offline();
      },
      // Before the Engine's own listener, which is there first.
      true,
    ],
    [scope, "online", online, false],
    [connection, "change", online, false],
    [typeof document === "undefined" ? undefined : document, "visibilitychange", visibility, false],
    [typeof document === "undefined" ? undefined : document, "resume", restored, false],
    [
      scope,
      "pageshow",
      (event) => {
        if ((event as PageTransitionEvent).persisted) restored();
      },
      false,
    ],
    // A page that is kept to be shown again may find its session alive.
    [scope, "pagehide", (event) => (event as PageTransitionEvent).persisted || unload(), false],
  ];
  listeners.forEach(([target, name, listener, capture]) => target?.addEventListener(name, listener, { capture }));
  const forget = () => listeners.forEach(([target, name, listener, capture]) => target?.removeEventListener(name, listener, { capture }));
  return { forget, isHidden };
}

/**
 * Keeps the Engine from closing when the browser says that it is offline.
 *
 * That is only a hint, and a session survives it. The Engine closes in states that it knows; so it is in none while its
 * listener runs. An application that closes it at the same moment does so all the same.
 */
function keepOpen(engine: Engine, scope: EventTarget): void {
  const state = engine.readyState;
  if (state !== "opening" && state !== "open") return;
  engine.readyState = "offline";
  const restore = () => {
    scope.removeEventListener("offline", restore);
    // The Engine's own method is on its prototype.
    Reflect.deleteProperty(engine, "close");
    if (engine.readyState === "offline") engine.readyState = state;
  };
  engine.close = () => {
    restore();
    return engine.close();
  };
  scope.addEventListener("offline", restore);
  setTimeout(restore, 0);
}
