// Clients that are closed again, and promises for their events.
import { io } from "socket.io-client";
import parser from "socket.io-msgpack-parser";
import { Adaptive } from "socketio-adaptive";

/** The ways to the server: each transport alone, and the default, which begins with polling and upgrades. */
export const JSON_WAYS = {
  websocket: { transports: ["websocket"] },
  polling: { transports: ["polling"] },
  "polling, then websocket": { transports: ["polling", "websocket"] },
};

/** All ways: the plain ones, MessagePack, and the adaptive transport, also with each of its tiers alone. */
export const WAYS = {
  ...JSON_WAYS,
  "websocket with MessagePack": { transports: ["websocket"], parser },
  "polling with MessagePack, then websocket": { transports: ["polling", "websocket"], parser },
  adaptive: adaptive(),
  "adaptive on websocket": adaptive("websocket"),
  "adaptive on long-poll": adaptive("long-poll"),
  "adaptive on periodic": adaptive("periodic"),
};

function adaptive(...tiers) {
  // What one test finds out is not for the next one to remember.
  return { transports: [Adaptive], transportOptions: { adaptive: { tiers, remember: false } } };
}

/** Opens clients for one test and closes them when it ends. */
export function clientsOf(t, url, way) {
  return function open(namespace = "/", options = {}) {
    const socket = io(url + namespace, { ...way, forceNew: true, reconnection: false, ...options });
    t.after(() => socket.disconnect());
    return socket;
  };
}

/** The arguments of the next event with this name. */
export function next(emitter, event) {
  return new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
}

/** The first argument of the next `count` events with this name. */
export function nextMany(emitter, event, count) {
  return new Promise((resolve) => {
    const seen = [];
    const listener = (value) => {
      seen.push(value);
      if (seen.length === count) {
        emitter.off(event, listener);
        resolve(seen);
      }
    };
    emitter.on(event, listener);
  });
}

/** Resolves once the client's transport is a WebSocket. */
export async function upgraded(socket) {
  const { engine } = socket.io;
  if (engine.transport.name !== "websocket") {
    await next(engine, "upgrade");
  }
}
