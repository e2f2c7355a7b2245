/** What the two sides say about packets: short texts beside them. */

import { ProtocolError } from "./errors.js";

export type Statement =
  | { type: "attach"; epoch: number; ack: number; first: number }
  | { type: "first"; first: number }
  | { type: "received"; count: number }
  | { type: "ask"; id: string }
  | { type: "answer"; id: string }
  | { type: "length"; bytes: number }
  | { type: "period"; ms: number }
  | { type: "end"; reason: EndReason }
  /** A record of a later version, which means nothing to this one. */
  | { type: "unknown" };

/** Why the server ends a carrier (`stale`) or the session (the others). */
export type EndReason = "stale" | "gone" | "slow" | "large" | "protocol";

const END_REASONS: readonly string[] = ["stale", "gone", "slow", "large", "protocol"] satisfies EndReason[];

/** Packets begin with a digit, or in an HTTP body with `b` or `e`. */
export function isRecord(text: string): boolean {
  return /^[ac-df-z]/.test(text);
}

export function readRecord(text: string): Statement {
  switch (text[0]) {
    case "t": {
      const [epoch, ack, first] = numbers(text, 3);
      return { type: "attach", epoch: positive(epoch, text), ack: some(ack, text), first: positive(first, text) };
    }
    case "s":
      return { type: "first", first: positive(numbers(text, 1)[0], text) };
    case "a":
      return { type: "received", count: some(numbers(text, 1)[0], text) };
    case "p":
      return { type: "ask", id: identifier(text) };
    case "o":
      return { type: "answer", id: identifier(text) };
    case "l":
      return { type: "length", bytes: some(numbers(text, 1)[0], text) };
    case "h":
      return { type: "period", ms: some(numbers(text, 1)[0], text) };
    case "x":
      return { type: "end", reason: endReason(text.slice(1)) };
    default:
      return { type: "unknown" };
  }
}

export const attach = (epoch: number, ack: number, first: number) => `t${epoch},${ack},${first}`;
export const first = (number: number) => `s${number}`;
export const received = (count: number) => `a${count}`;
export const ask = (id: number) => `p${id}`;
export const answer = (id: string) => `o${id}`;

/** A decimal number without sign and leading zeros; null for anything else. */
export function readNumber(text: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : null;
}

/** A session that ends for a reason of a later version is over all the same. */
function endReason(name: string): EndReason {
  return END_REASONS.includes(name) ? (name as EndReason) : "gone";
}

function numbers(text: string, count: number): (number | null)[] {
  const fields = text.slice(1).split(",");
  return fields.length === count ? fields.map(readNumber) : [];
}

function some(number: number | null | undefined, text: string): number {
  if (number === null || number === undefined) throw unreadable(text);
  return number;
}

function positive(number: number | null | undefined, text: string): number {
  if (!number) throw unreadable(text);
  return number;
}

function identifier(text: string): string {
  const id = text.slice(1);
  if (readNumber(id) === null) throw unreadable(text);
  return id;
}

function unreadable(text: string): ProtocolError {
  return new ProtocolError(`a record cannot be read: ${text.slice(0, 40)}`);
}
