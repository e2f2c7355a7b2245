import { getEventListeners } from "node:events";
import { vi } from "vitest";

import type { FakeEngine } from "./client.js";

/** What a browser has and Node.js has not: events of the page and of the network. */
export class FakePage {
  readonly scope = new EventTarget();
  readonly document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  readonly connection = new EventTarget();
  /** Bodies of requests that outlive the page. */
  readonly farewells: { query: URLSearchParams; body: string }[] = [];

  /** A worker is like a page, but does not say which event it dispatches. */
  constructor(private readonly isWorker = false) {
    vi.unstubAllGlobals();
    vi.stubGlobal("navigator", { onLine: true, connection: this.connection });
    if (!isWorker) vi.stubGlobal("event", undefined);
    vi.stubGlobal("addEventListener", this.scope.addEventListener.bind(this.scope));
    vi.stubGlobal("removeEventListener", this.scope.removeEventListener.bind(this.scope));
    vi.stubGlobal("document", this.document);
    vi.stubGlobal("fetch", (url: string, { body, keepalive }: { body: string; keepalive?: boolean }) => {
      if (!keepalive) throw new Error("it does not outlive the page");
      this.farewells.push({ query: new URL(url).searchParams, body });
      return Promise.resolve(new Response("a0\x1e"));
    });
  }

  tell(name: string, members = {}): void {
    const event = Object.assign(new Event(name), members);
    if (!this.isWorker) vi.stubGlobal("event", event);
    const onLine = name === "offline" ? false : name === "online" || globalThis.navigator.onLine;
    vi.stubGlobal("navigator", { onLine, connection: this.connection });
    this.scope.dispatchEvent(event);
    if (!this.isWorker) vi.stubGlobal("event", undefined);
  }

  /** What is listened to. */
  get heard(): string[] {
    const of = (target: EventTarget, names: string[]) => names.filter((name) => getEventListeners(target, name).length > 0);
    const names = of(this.scope, ["offline", "online", "pagehide", "pageshow"]);
    return [...names, ...of(this.document, ["resume", "visibilitychange"]), ...of(this.connection, ["change"])];
  }

  show(isVisible: boolean): void {
    this.document.visibilityState = isVisible ? "visible" : "hidden";
    this.document.dispatchEvent(new Event("visibilitychange"));
  }
}

/** The computer sleeps: no timer runs. The clock that never goes back goes on meanwhile, or stands still. */
export function sleep(engine: FakeEngine, ms: number, goesOn: boolean): void {
  vi.setSystemTime(Date.now() + ms);
  if (!goesOn) return;
  const before = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => before() + ms);
  engine.wake();
}
