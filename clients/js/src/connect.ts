import type { Connect, SocketLike } from "./carriers/carrier.js";
import { type Engine, type EngineOptions, address } from "./options.js";

/** Connections as the client's options want them; `session` is what names the session in a query. */
export function connectWith(options: EngineOptions, session: () => Record<string, string>): Connect {
  return {
    webSocket: () => {
      const url = address(options, "ws", { carrier: "websocket", ...session() });
      return (options.openWebSocket ?? openWebSocket)(url, options.protocols, options);
    },
    post: async (query, init) => {
      const { extraHeaders, withCredentials, socket } = options;
      const { carrier, ...rest } = query;
      const headers = new Headers(extraHeaders);
      headers.set("content-type", "text/plain;charset=UTF-8");
      socket._cookieJar?.appendCookies(headers);
      const url = address(options, "http", { carrier, ...session(), ...rest });
      const credentials = withCredentials ? "include" : "same-origin";
      const response = await (options.fetch ?? fetch)(url, { ...init, method: "POST", headers, credentials, cache: "no-store" });
      if (socket._cookieJar) socket._cookieJar.parseCookies(response.headers.getSetCookie());
      return response;
    },
  };
}

/** The options of `ws` that the client passes on. */
const WS_OPTIONS = [
  "agent",
  "perMessageDeflate",
  "pfx",
  "key",
  "passphrase",
  "cert",
  "ca",
  "ciphers",
  "rejectUnauthorized",
  "localAddress",
  "protocolVersion",
  "origin",
  "family",
  "checkServerIdentity",
] as const;

async function openWebSocket(url: string, protocols: string | string[] | undefined, options: EngineOptions): Promise<SocketLike> {
  const open = await nodeWebSocket;
  if (!open) return new WebSocket(url, protocols ?? []) as unknown as SocketLike;
  const given = options as unknown as Record<string, unknown>;
  const own = Object.fromEntries(WS_OPTIONS.filter((name) => name in given).map((name) => [name, given[name]]));
  // The client adds cookies to the headers that it is given.
  const headers = options.extraHeaders && { headers: { ...options.extraHeaders } };
  const socket = open.call({ socket: options.socket }, url, protocols, { ...own, ...headers });
  if (options.autoUnref) unrefWhenOpen(socket);
  return socket;
}

type CreateSocket = (this: { socket: Engine }, url: string, protocols: unknown, options: object) => SocketLike;

/**
 * How the client itself makes a WebSocket in Node.js, which has headers, cookies and certificates.
 *
 * It is loaded beforehand, because the opening does not wait long for a WebSocket.
 */
const nodeWebSocket = isNode() ? load("socket.io-client").then((found) => found ?? load("engine.io-client")) : null;

async function load(name: string): Promise<CreateSocket | null> {
  try {
    // Bundlers for browsers leave this alone.
    const client = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as {
      NodeWebSocket?: { prototype: { createSocket: CreateSocket } };
    };
    return client.NodeWebSocket?.prototype.createSocket ?? null;
  } catch {
    return null;
  }
}

function isNode(): boolean {
  return typeof window === "undefined" && typeof process !== "undefined" && "node" in process.versions;
}

function unrefWhenOpen(socket: SocketLike): void {
  const { addEventListener } = socket as unknown as { addEventListener?: (name: string, run: () => void) => void };
  addEventListener?.call(socket, "open", () => {
    (socket as unknown as { _socket?: { unref(): void } })._socket?.unref();
  });
}
