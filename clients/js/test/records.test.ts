import { describe, expect, test } from "vitest";

import { ProtocolError } from "../src/errors.js";
import { answer, ask, attach, first, isRecord, readRecord, received } from "../src/records.js";

describe("records", () => {
  test.each([
    ["t3,17,5", { type: "attach", epoch: 3, ack: 17, first: 5 }],
    ["t1,0,1", { type: "attach", epoch: 1, ack: 0, first: 1 }],
    ["s1", { type: "first", first: 1 }],
    ["a0", { type: "received", count: 0 }],
    [`a${Number.MAX_SAFE_INTEGER}`, { type: "received", count: Number.MAX_SAFE_INTEGER }],
    ["p7", { type: "ask", id: "7" }],
    ["o7", { type: "answer", id: "7" }],
    ["h5000", { type: "period", ms: 5_000 }],
    ["xgone", { type: "end", reason: "gone" }],
    ["xstale", { type: "end", reason: "stale" }],
    ["xlater-reason", { type: "end", reason: "gone" }],
    ["z1,2,3", { type: "unknown" }],
  ])("%s", (text, record) => {
    expect(isRecord(text)).toBe(true);
    expect(readRecord(text)).toEqual(record);
  });

  test.each(["t", "t1", "t1,2", "t1,2,3,4", "t0,0,1", "t1,0,0", "t01,0,1", "s", "s0", "s-1", "s+1", "s1.5", "s1e3", "a", "a ", "a1,", "a9007199254740992", "a99999999999999999", "p", "px", "o", "h", "hfast"])(
    "%s is known and cannot be read",
    (text) => expect(() => readRecord(text)).toThrow(ProtocolError),
  );

  test.each(["0{}", "4a", "bAQ==", "b", "eNGE=", "1", "6", "", "<html>", "A"])("%j is none", (text) => {
    expect(isRecord(text)).toBe(false);
  });

  test("what is written can be read", () => {
    expect(readRecord(attach(2, 3, 4))).toEqual({ type: "attach", epoch: 2, ack: 3, first: 4 });
    expect(readRecord(first(9))).toEqual({ type: "first", first: 9 });
    expect(readRecord(received(9))).toEqual({ type: "received", count: 9 });
    expect(readRecord(ask(9))).toEqual({ type: "ask", id: "9" });
    expect(readRecord(answer("9"))).toEqual({ type: "answer", id: "9" });
  });
});
