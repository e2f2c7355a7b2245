import { createServer, type IncomingMessage, request as forward, type ServerResponse } from "node:http";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

import type { Proxy } from "./nginx";

/** A proxy that can be told to misbehave in the middle of a run. */
export interface FaultyProxy extends Proxy {
  /** Cuts every open WebSocket, and refuses all of Socket.IO until `mend`. */
  cut(): void;
  mend(): void;
}

export interface Faults {
  /** WebSockets are accepted, and then nothing that the server sends arrives. */
  mute: boolean;
}

export async function startFaultyProxy(upstream: string, faults: Faults = { mute: false }): Promise<FaultyProxy> {
  const target = new URL(upstream);
  const tunnels = new Set<Duplex>();
  let broken = false;
  const server = createServer((request, response) => {
    if (broken && request.url?.startsWith("/socket.io/")) response.writeHead(503).end();
    else relay(request, response, target);
  });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (broken) return socket.destroy();
    tunnels.add(socket);
    socket.on("close", () => tunnels.delete(socket));
    tunnel(request, socket, head, target, faults.mute);
    return undefined;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    cut() {
      broken = true;
      for (const socket of tunnels) socket.destroy();
    },
    mend() {
      broken = false;
    },
    async stop() {
      for (const socket of tunnels) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function relay(request: IncomingMessage, response: ServerResponse, target: URL): void {
  const { method, url: path, headers } = request;
  const onward = forward({ host: target.hostname, port: target.port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}

function tunnel(request: IncomingMessage, socket: Socket, head: Buffer, target: URL, mute: boolean): void {
  const onward = connect(Number(target.port), target.hostname);
  const lines = [`${request.method ?? "GET"} ${request.url ?? "/"} HTTP/1.1`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    lines.push(`${request.rawHeaders[at] ?? ""}: ${request.rawHeaders[at + 1] ?? ""}`);
  }
  onward.write(`${lines.join("\r\n")}\r\n\r\n`);
  onward.write(head);
  socket.pipe(onward);
  if (mute) onward.once("data", (data: Buffer) => socket.write(data.subarray(0, data.indexOf("\r\n\r\n") + 4)));
  else onward.pipe(socket);
  for (const end of [socket, onward]) {
    end.on("error", () => undefined);
    end.on("close", () => {
      socket.destroy();
      onward.destroy();
    });
  }
}
