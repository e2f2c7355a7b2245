import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { ProtocolError } from "../src/errors.js";
import { decode, encode, size } from "../src/packet.js";

describe("packets", () => {
  test.each([
    [{ type: "message", data: "hello" }, "4hello"],
    [{ type: "message", data: "" }, "4"],
    [{ type: "close" }, "1"],
  ])("%j", (packet, wire) => {
    expect(encode(packet)).toBe(wire);
  });

  test("bytes are copied, because the application may change its own", async () => {
    const data = new Uint8Array([1, 2, 3, 4]);
    const wires = [data, data.buffer, new DataView(data.buffer, 1, 2), new Blob([data])].map(async (it) => encode({ type: "message", data: it }));
    data.fill(9);
    expect(await Promise.all(wires)).toEqual([[1, 2, 3, 4], [1, 2, 3, 4], [2, 3], [1, 2, 3, 4]].map((it) => new Uint8Array(it)));
  });

  test("the application's side gets the kind of binary that it asked for", async () => {
    const wire = new Uint8Array([0, 1, 2, 3]).subarray(1);
    expect(decode(wire, "nodebuffer").data).toEqual(Buffer.from([1, 2, 3]));
    expect(decode(wire, "arraybuffer").data).toEqual(new Uint8Array([1, 2, 3]).buffer);
    expect(await (decode(wire, "blob").data as Blob).arrayBuffer()).toEqual(new Uint8Array([1, 2, 3]).buffer);
  });

  test("a packet without data has none", () => {
    expect(decode("1", undefined)).toEqual({ type: "close" });
    expect(decode("4x", undefined)).toEqual({ type: "message", data: "x" });
  });

  test.each(["", "7", "x", "<"])("%j is no packet", (wire) => {
    expect(() => decode(wire, undefined)).toThrow(ProtocolError);
  });

  test("the size is that of the WebSocket message", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(size(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
    expect(size("4\ud800x\udc00")).toBe(new TextEncoder().encode("4\ud800x\udc00").length);
    expect(size(new Uint8Array(5))).toBe(5);
  });
});
