import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { toBase64 } from "../src/base64.js";
import { type Chunk, readBody } from "../src/body.js";
import { decode } from "../src/packet.js";
import { readRecord, type Statement } from "../src/records.js";

interface Vectors {
  records: { text: string; reads: unknown }[];
  bodies: { body: string; reads: unknown }[];
}

const vectors = JSON.parse(readFileSync(new URL("vectors/wire.json", import.meta.url), "utf8")) as Vectors;

describe("reads what the implementation in Rust reads", () => {
  test.each(vectors.records)("$text", ({ text, reads }) => {
    expect(outcome(() => statement(readRecord(text)))).toEqual(reads);
  });

  test.each(vectors.bodies)("$body", ({ body, reads }) => {
    expect(body.endsWith("\x1e") ? outcome(() => [...readBody(body)].map(chunk)) : "incomplete").toEqual(reads);
  });
});

function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return "error";
  }
}

function statement(it: Statement): unknown {
  switch (it.type) {
    case "attach":
      return ["t", it.epoch, it.ack, it.first];
    case "first":
      return ["s", it.first];
    case "received":
      return ["a", it.count];
    case "ask":
      return ["p", Number(it.id)];
    case "answer":
      return ["o", Number(it.id)];
    case "length":
      return ["l", it.bytes];
    case "period":
      return ["h", it.ms];
    case "end":
      return ["x", it.reason];
    case "unknown":
      return "unknown";
  }
}

function chunk(it: Chunk): unknown {
  if (it.type !== "packet") return statement(it);
  decode(it.wire, undefined);
  return typeof it.wire === "string" ? { text: it.wire } : { binary: toBase64(it.wire) };
}
