import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";

import type { Proxy } from "./nginx";

/** Which requests PingOne refuses, because the worker application lacks a role. */
export type Refuses = (method: string, path: string) => boolean;

/** Stands before PingOne's simulator, which has no roles, and refuses what a role would forbid. */
export async function startGuard(upstream: string, refuses: Refuses): Promise<Proxy> {
  const server = createServer((incoming, answer) => {
    if (refuses(incoming.method ?? "", incoming.url ?? "")) forbid(incoming, answer);
    else forward(upstream, incoming, answer);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function forbid(incoming: IncomingMessage, answer: ServerResponse): void {
  incoming.resume();
  const message = "The actor attempting to perform the request is not authorized.";
  const details = [{ code: "INSUFFICIENT_PERMISSIONS", message: "You do not have permissions or are not licensed to make this request." }];
  answer.writeHead(403, { "content-type": "application/hal+json" });
  answer.end(JSON.stringify({ id: randomUUID(), code: "ACCESS_FAILED", message, details }));
}

/** With the same `Host`, so that the links in the answer lead here. */
function forward(upstream: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, headers, url = "/" } = incoming;
  const outgoing = request(upstream + url, { method, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
  });
  outgoing.on("error", () => answer.destroy());
  incoming.pipe(outgoing);
}
