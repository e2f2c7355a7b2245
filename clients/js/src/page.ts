import { keepOpen } from "./offline.js";
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
  const listeners: [EventTarget | undefined, string, (event: Event) => void][] = [
    [scope, "offline", offline],
    [scope, "online", online],
    [connection, "change", online],
    [typeof document === "undefined" ? undefined : document, "visibilitychange", visibility],
    [typeof document === "undefined" ? undefined : document, "resume", restored],
    [
      scope,
      "pageshow",
      (event) => {
        if ((event as PageTransitionEvent).persisted) restored();
      },
    ],
    // A page that is kept to be shown again may find its session alive.
    [scope, "pagehide", (event) => (event as PageTransitionEvent).persisted || unload()],
  ];
  listeners.forEach(([target, name, listener]) => target?.addEventListener(name, listener));
  const letGo = keepOpen(engine, scope);
  const forget = () => {
    letGo();
    listeners.forEach(([target, name, listener]) => target?.removeEventListener(name, listener));
  };
  return { forget, isHidden };
}
