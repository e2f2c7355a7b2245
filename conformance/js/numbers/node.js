import { setMaxListeners } from "node:events";
import { io } from "socket.io-client";
import { Adaptive } from "socketio-adaptive";
import { exchange } from "./exchange.js";

/** What a browser would say of the network; Node.js says nothing. */
const network = new EventTarget();
/** Each client listens, and many may do so at once. */
setMaxListeners(0, network);
globalThis.addEventListener = network.addEventListener.bind(network);
globalThis.removeEventListener = network.removeEventListener.bind(network);

/** Exchanges numbers from this process. */
export async function openInNode(url) {
  const client = exchange({ io, Adaptive }, url);
  return {
    ...client,
    online: async () => network.dispatchEvent(new Event("online")),
    close: async () => client.socket.disconnect(),
  };
}
