/** Bodies of HTTP requests and responses: chunks that are each followed by `\x1e`. */

import { fromBase64, toBase64 } from "./base64.js";
import { ProtocolError } from "./errors.js";
import { size, type Wire } from "./packet.js";
import { isRecord, readRecord, type Statement } from "./records.js";

const SEPARATOR = "\x1e";

/** Begins binary, and text that holds the separator; both are in base64. */
const BINARY = "b";
const ESCAPED = "e";

export type Chunk = { type: "packet"; wire: Wire } | Statement;

/** A body of records and packets. */
export function writeBody(records: string[], packets: Wire[]): string {
  return [...records, ...packets.map(toChunk), ""].join(SEPARATOR);
}

/** Length in bytes of a packet in a body. */
export function chunkLength(wire: Wire): number {
  return needsBase64(wire) ? 2 + 4 * Math.ceil(size(wire) / 3) : 1 + size(wire);
}

/** Whether a response is the server's, and not that of a proxy on the way. */
export function isGenuine(body: string): boolean {
  return (body.startsWith("a") || body.startsWith("x")) && body.endsWith(SEPARATOR);
}

/** The chunks of a whole body, each read when it is asked for. */
export function* readBody(body: string): Generator<Chunk, undefined> {
  for (const chunk of body.split(SEPARATOR).slice(0, -1)) yield readChunk(chunk);
}

function readChunk(chunk: string): Chunk {
  if (isRecord(chunk)) return readRecord(chunk);
  if (chunk.startsWith(BINARY)) return { type: "packet", wire: fromBase64(chunk.slice(1)) };
  if (chunk.startsWith(ESCAPED)) return { type: "packet", wire: decodeText(fromBase64(chunk.slice(1))) };
  return { type: "packet", wire: chunk };
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ProtocolError("text that is not UTF-8");
  }
}

function toChunk(wire: Wire): string {
  if (typeof wire !== "string") return BINARY + toBase64(wire);
  return needsBase64(wire) ? ESCAPED + toBase64(new TextEncoder().encode(wire)) : wire;
}

function needsBase64(wire: Wire): boolean {
  return typeof wire !== "string" || wire.includes(SEPARATOR);
}
