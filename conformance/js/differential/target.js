// One of the two servers that are compared, and what is recorded of its answers.
import { exchange, request } from "../raw/http.js";
import { RawWebSocket } from "../raw/websocket.js";

/** Headers that say something about the protocol; others belong to the HTTP server. */
const COMPARED = [
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-max-age",
  "allow",
  "cache-control",
  "content-encoding",
  "content-type",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-protocol",
  "set-cookie",
  "vary",
  "x-accel-buffering",
  "x-content-type-options",
];

export class Target {
  constructor(url, path) {
    this.url = url;
    this.polling = `${path}?EIO=4&transport=polling`;
    this.websocket = `${path}?EIO=4&transport=websocket`;
    this.path = path;
  }

  /** What a request is answered with: status, the headers that matter, the body. */
  async request(method, target, headers, body) {
    return observed(await request(this.url, method, target, headers, body));
  }

  /** As `request`, for bytes that need not be a request. */
  async exchange(...bytes) {
    return observed(await exchange(this.url, ...bytes));
  }

  /** Opens a polling session and gives the target of its requests. */
  async session() {
    const { body } = await request(this.url, "GET", this.polling);
    return `${this.polling}&sid=${JSON.parse(body.slice(1)).sid}`;
  }

  /** Sends the body to a new session, and tells what becomes of that and of the session. */
  async post(body, headers) {
    const target = await this.session();
    const posted = await this.request("POST", target, headers, body);
    return { posted, session: await this.probe(target) };
  }

  /** Whether a session lives: what an empty message posted to it is answered with. */
  async probe(target) {
    const { status, body } = await request(this.url, "POST", target, {}, "4");
    return status === 200 ? "lives" : body;
  }

  /** Opens a WebSocket; the frames are read with `frames`. */
  open(target = this.websocket, headers = {}) {
    return RawWebSocket.open(this.url, target, headers);
  }

  /** What a WebSocket that opens a session is told after `send`, until it ends or `count` messages have come. */
  async conversation(send, count = Infinity, { target, headers } = {}) {
    const socket = await this.open(target, headers);
    if (socket.status !== 101) return { status: socket.status, body: socket.body };
    if (!target) await socket.text();
    await send(socket);
    const found = await frames(socket, count);
    await socket.destroy();
    return found;
  }
}

/** The next frames without PING of Engine.IO, as text; the last is how it ended, if it did. */
export async function frames(socket, count = Infinity) {
  const found = [];
  while (found.length < count) {
    const { type, data } = await socket.next();
    if (data === "2") continue;
    if (type === "end") return [...found, "end"];
    if (type === "close") return [...found, `close ${data ?? "without code"}`];
    found.push(type === "binary" ? `binary ${data.toString("hex")}` : `${type} ${hideIds(data)}`);
  }
  return found;
}

function observed(answer) {
  if (answer === null) return { status: "no answer" };
  const { status, headers, body } = answer;
  const compared = COMPARED.filter((name) => name in headers).map((name) => [name, hideIds(headers[name])]);
  return { status, ...Object.fromEntries(compared), body: hideIds(body) };
}

/** Ids differ in every session. */
export function hideIds(text) {
  return text.replace(/("(?:sid|pid)":)"[^"]+"/g, '$1"…"').replace(/^io=[^;]+/, "io=…");
}
