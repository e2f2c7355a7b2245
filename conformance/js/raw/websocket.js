// A WebSocket whose frames, well formed or not, a test writes itself.
import { once } from "node:events";
import { connect } from "node:net";
import { head, requestBytes } from "./http.js";

const HANDSHAKE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};
const MASK = Buffer.from([1, 2, 3, 4]);

export class RawWebSocket {
  #bytes = Buffer.alloc(0);
  #events = [];
  #waiting = [];
  #fragments = [];

  /**
   * Sends an opening handshake and resolves with what came of it: `status` is 101 or the refusal's.
   * A header that is `undefined` is left out.
   */
  static async open(url, target, headers = {}) {
    const { hostname, port } = new URL(url);
    const stream = connect({ host: hostname, port: Number(port) });
    stream.setNoDelay(true);
    const fields = Object.entries({ ...HANDSHAKE, ...headers }).filter(([, value]) => value !== undefined);
    stream.write(requestBytes("GET", target, Object.fromEntries(fields)));
    const socket = new RawWebSocket(stream);
    await socket.#opened;
    return socket;
  }

  #opened;

  constructor(stream) {
    this.stream = stream;
    this.status = null;
    this.headers = {};
    this.body = "";
    this.#opened = new Promise((resolve) => {
      const ended = () => {
        this.#push({ type: "end" });
        resolve();
      };
      stream.on("data", (chunk) => {
        this.#bytes = Buffer.concat([this.#bytes, chunk]);
        if (this.status === null) {
          const parsed = head(this.#bytes);
          if (!parsed) return;
          Object.assign(this, { status: parsed.status, headers: parsed.headers });
          this.#bytes = parsed.rest;
          if (this.status === 101) resolve();
        }
        if (this.status === 101) this.#parse();
        else this.#refused(ended);
      });
      stream.on("end", ended);
      stream.on("close", ended);
      stream.on("error", ended);
    });
  }

  #refused(ended) {
    this.body = this.#bytes.toString();
    // Without a length it is complete when the connection ends.
    if (this.#bytes.length >= Number(this.headers["content-length"] ?? Infinity)) {
      this.stream.destroy();
      ended();
    }
  }

  /** Sends a text, or bytes as a binary message. */
  send(data) {
    const isText = typeof data === "string";
    this.frame({ opcode: isText ? 1 : 2, payload: Buffer.from(data) });
  }

  frame({ fin = true, rsv = 0, opcode, masked = true, payload = Buffer.alloc(0), length = payload.length }) {
    const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
    const flag = masked ? 0x80 : 0;
    let header;
    if (length < 126) {
      header = Buffer.from([first, flag | length]);
    } else if (length < 65_536) {
      header = Buffer.from([first, flag | 126, 0, 0]);
      header.writeUInt16BE(length, 2);
    } else {
      header = Buffer.alloc(10);
      header.writeUInt8(first);
      header.writeUInt8(flag | 127, 1);
      header.writeBigUInt64BE(BigInt(length), 2);
    }
    const body = masked ? Buffer.concat([MASK, payload.map((byte, index) => byte ^ MASK[index % 4])]) : payload;
    this.raw(Buffer.concat([header, body]));
  }

  raw(bytes) {
    if (this.stream.writable) this.stream.write(bytes);
  }

  /** The next message or control frame, as `{type, data}`; `{type: "end"}` for ever once the connection is over. */
  next() {
    const event = this.#events.shift();
    if (event) {
      if (event.type === "end") this.#events.push(event);
      return Promise.resolve(event);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next text that is no PING of Engine.IO. */
  async text() {
    for (;;) {
      const { type, data } = await this.next();
      if (type !== "text") throw new Error(`a text was expected, and ${type} came`);
      if (data !== "2") return data;
    }
  }

  /** Resolves with what ends the connection: the code of a CLOSE frame, or "end". */
  async closed() {
    for (;;) {
      const { type, data } = await this.next();
      if (type === "close") return data;
      if (type === "end") return "end";
    }
  }

  async destroy() {
    if (this.stream.closed) return;
    this.stream.destroy();
    await once(this.stream, "close");
  }

  #push(event) {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(event);
    if (!waiting || event.type === "end") this.#events.push(event);
    if (event.type === "end") this.#waiting.splice(0).forEach((resolve) => resolve(event));
  }

  #parse() {
    for (;;) {
      const bytes = this.#bytes;
      if (bytes.length < 2) return;
      let length = bytes[1] & 0x7f;
      let at = 2;
      if (length === 126) {
        if (bytes.length < 4) return;
        [length, at] = [bytes.readUInt16BE(2), 4];
      } else if (length === 127) {
        if (bytes.length < 10) return;
        [length, at] = [Number(bytes.readBigUInt64BE(2)), 10];
      }
      if (bytes.length < at + length) return;
      this.#bytes = bytes.subarray(at + length);
      this.#frame(bytes[0] & 0x0f, (bytes[0] & 0x80) !== 0, bytes.subarray(at, at + length));
    }
  }

  #frame(opcode, fin, payload) {
    const control = { 8: "close", 9: "ping", 10: "pong" }[opcode];
    if (control === "close") {
      this.#push({ type: "close", data: payload.length < 2 ? null : payload.readUInt16BE(0) });
    } else if (control) {
      this.#push({ type: control, data: payload.toString() });
    } else {
      this.#fragments.push({ opcode, payload });
      if (!fin) return;
      const [{ opcode: kind }] = this.#fragments;
      const data = Buffer.concat(this.#fragments.splice(0).map((fragment) => fragment.payload));
      this.#push(kind === 1 ? { type: "text", data: data.toString() } : { type: "binary", data });
    }
  }
}
