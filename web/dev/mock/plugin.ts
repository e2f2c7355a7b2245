import type { IncomingMessage, Server, ServerResponse } from "node:http";

import { Server as SocketServer, type Socket } from "socket.io";
import type { Plugin } from "vite";

import { answer, jobs, settings } from "./server";

/** Answers the API inside Vite's own server, for work on the page without the real one: `npm run dev:mock`. */
export function mock(): Plugin {
  return {
    name: "mock-api",
    configureServer(server) {
      server.middlewares.use((request, response, next) => void handle(request, response, next));
      if (server.httpServer) serveSockets(server.httpServer as Server);
    },
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => void handle(request, response, next));
      serveSockets(server.httpServer as Server);
    },
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  if (url.pathname === "/mock") {
    Object.assign(settings, Object.fromEntries([...url.searchParams].map(([key, value]) => [key, Number(value) || value])));
    response.end(JSON.stringify(settings));
    return;
  }
  if (!url.pathname.startsWith("/api/")) { next(); return; }
  const { status = 200, type = "application/json", body } = await answer(request, url);
  response.writeHead(status, { "content-type": type }).end(JSON.stringify(body));
}

function serveSockets(server: Server): void {
  const allowed = (request: IncomingMessage) => {
    const websocket = request.url?.includes("transport=websocket") ?? false;
    return settings.sockets === "all" || (settings.sockets === "polling" && !websocket);
  };
  const io = new SocketServer(server, {
    destroyUpgrade: false,
    allowRequest: (request, done) => done(null, allowed(request)),
  });
  io.on("connection", (socket) => socket.on("subscribe", (...message: unknown[]) => subscribe(socket, message)));
}

function subscribe(socket: Socket, message: unknown[]): void {
  const [{ job: id, after }, acknowledge] = message as [{ job: string; after: number }, (reply: unknown) => void];
  const job = jobs.get(id);
  if (!job) { acknowledge({ ok: false, error: { code: "job_not_found", message: "There is no such job." } }); return; }
  acknowledge({ ok: true, job: job.job, last_seq: job.events.length });
  for (const event of job.events.slice(after)) socket.emit(event.type, event);
  const forward = (event: { type: string }) => socket.emit(event.type, event);
  job.news.on("event", forward);
  const stop = () => job.news.off("event", forward);
  socket.once("unsubscribe", stop).once("disconnect", stop);
}
