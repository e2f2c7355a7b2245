/** Engine.IO packets as they travel: text, or bytes for binary messages. */

import { ProtocolError } from "./errors.js";

/** A packet as a WebSocket message. */
export type Wire = string | Uint8Array;

/** A packet as `engine.io-client` has it. */
export interface EnginePacket {
  type: string;
  data?: unknown;
  options?: { compress?: boolean } | null;
}

const TYPES = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];

export const CLOSE: Wire = "1";

/** The packet on the wire. A `Blob` has to be read first, which takes a moment. */
export function encode({ type, data }: EnginePacket): Wire | Promise<Uint8Array> {
  if (typeof Blob === "function" && data instanceof Blob) {
    return data.arrayBuffer().then((buffer) => new Uint8Array(buffer));
  }
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  // A copy, because it may be sent again after the application has changed its own.
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  return `${TYPES.indexOf(type)}${typeof data === "string" ? data : ""}`;
}

/** The packet as the application's side expects it; `binaryType` as in `engine.io-client`. */
export function decode(wire: Wire, binaryType: string | undefined): EnginePacket {
  if (typeof wire !== "string") return { type: "message", data: binary(wire, binaryType) };
  const type = TYPES[wire.charCodeAt(0) - 0x30];
  if (type === undefined) throw new ProtocolError(`a packet of an unknown type: ${wire.slice(0, 20)}`);
  return wire.length > 1 ? { type, data: wire.slice(1) } : { type };
}

/** Length in bytes as a WebSocket message, which is what all limits count. */
export function size(wire: Wire): number {
  return typeof wire === "string" ? utf8Length(wire) : wire.byteLength;
}

function binary(bytes: Uint8Array, binaryType: string | undefined): unknown {
  const buffer = () => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  if (binaryType === "blob") return new Blob([buffer()]);
  if (binaryType === "arraybuffer" || typeof Buffer === "undefined") return buffer();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    length += unit < 0x800 ? 1 : 2;
    // A pair of surrogates is four bytes for two units; a lone one is replaced by three.
    if (isPair(unit, text.charCodeAt(index + 1))) index += 1;
  }
  return length;
}

function isPair(high: number, low: number): boolean {
  return high >= 0xd800 && high < 0xdc00 && low >= 0xdc00 && low < 0xe000;
}
