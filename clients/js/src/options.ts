import type { SocketLike } from "./carriers/carrier.js";
import type { Tier } from "./ladder/index.js";
import type { AdaptiveStatus } from "./status.js";

/** `transportOptions.adaptive` of the client's options. */
export interface AdaptiveOptions {
  /** Where the connection says how it is doing; `Adaptive.of(socket)` finds or makes one. */
  status?: AdaptiveStatus;
  /** The tiers that may be used. Default all. */
  tiers?: Tier[];
  /** Milliseconds for a tier to carry data both ways before the next one is started beside it. Default 150; at least 250 once the session is open. */
  raceDelay?: number;
  /** Milliseconds for a better tier that is tried in the background to prove itself. Default 10,000. */
  trialDeadline?: number;
  /** Whether the tier that worked is remembered for the next opening. Default true. */
  remember?: boolean;
  /** Used instead of the global `fetch`, for agents and certificates in Node.js. */
  fetch?: typeof fetch;
  /** Used instead of the client's own WebSocket. */
  openWebSocket?: (url: string, protocols?: string | string[]) => SocketLike | Promise<SocketLike>;
}

/** What `engine.io-client` gives a transport. */
export interface EngineOptions extends AdaptiveOptions {
  hostname: string;
  port: string | number;
  secure: boolean;
  path: string;
  query: Record<string, unknown>;
  /** The Engine, which is the client's `Socket` of Engine.IO. */
  socket: Engine;
  extraHeaders?: Record<string, string>;
  withCredentials?: boolean;
  protocols?: string | string[];
  timestampRequests?: boolean;
  timestampParam?: string;
  autoUnref?: boolean;
}

/** The members of the Engine that a minified client has under the same names. */
export interface Engine {
  binaryType?: string;
  readyState?: string;
  opts?: object;
  setTimeoutFn: (run: () => void, ms: number) => unknown;
  clearTimeoutFn: (timer: never) => void;
  close: () => unknown;
  /** Only in Node.js, whose client is never minified. */
  _cookieJar?: CookieJar;
}

export interface CookieJar {
  appendCookies(headers: Headers): void;
  parseCookies(values: string[]): void;
}

/** The address of the server, as `engine.io-client` forms it. */
export function serverAddress(options: EngineOptions, scheme: "http" | "ws"): string {
  const { hostname, port, secure, path } = options;
  const isDefault = Number(port) === (secure ? 443 : 80);
  const host = hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]` : hostname;
  return `${scheme}${secure ? "s" : ""}://${host}${port && !isDefault ? `:${port}` : ""}${path}`;
}

export function address(options: EngineOptions, scheme: "http" | "ws", query: Record<string, unknown>): string {
  const stamp = options.timestampRequests ? { [options.timestampParam ?? "t"]: Date.now().toString(36) } : {};
  const pairs = Object.entries({ ...options.query, ...query, ...stamp });
  const encoded = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return `${serverAddress(options, scheme)}?${encoded.join("&")}`;
}
