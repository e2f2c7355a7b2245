import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { chunkLength, isGenuine, readBody, writeBody } from "../src/body.js";
import { ProtocolError } from "../src/errors.js";
import type { Wire } from "../src/packet.js";

const packets = (body: string) => [...readBody(body)].flatMap((chunk) => (chunk.type === "packet" ? [chunk.wire] : []));

describe("bodies", () => {
  test("each chunk is followed by the separator", () => {
    expect(writeBody(["a5"], [])).toBe("a5\x1e");
    expect(writeBody(["s2"], ["4one", new Uint8Array([1]), "4\0\x1e", "1"])).toBe("s2\x1e4one\x1ebAQ==\x1eeNAAe\x1e1\x1e");
  });

  test("what was written is read", () => {
    expect([...readBody("a5\x1eh250\x1es2\x1e4one\x1ebAQ==\x1eeNAAe\x1ez9\x1e")]).toEqual([
      { type: "received", count: 5 },
      { type: "period", ms: 250 },
      { type: "first", first: 2 },
      { type: "packet", wire: "4one" },
      { type: "packet", wire: new Uint8Array([1]) },
      { type: "packet", wire: "4\0\x1e" },
      { type: "unknown" },
    ]);
  });

  test.each(["", "<html>", "a5", "a5\x1es2\x1e4hel", '{"code":0}', "4a\x1e", "ok"])("%j is not the server's", (body) => {
    expect(isGenuine(body)).toBe(false);
  });

  test.each(["a5\x1e", "xgone\x1e"])("%j is", (body) => expect(isGenuine(body)).toBe(true));

  test.each(["b*", "bAQ", "bAQ=", "b=AQ=", "e/w==", "ax"])("%j cannot be read", (chunk) => {
    expect(() => [...readBody(`${chunk}\x1e`)]).toThrow(ProtocolError);
  });

  const wire = fc.oneof(
    fc.uint8Array({ maxLength: 1_000 }),
    fc.string({ unit: "grapheme" }).map((text) => `4${text}`),
    fc.string({ unit: fc.constantFrom("a", "\x1e", "ü") }).map((text) => `4${text}`),
  ) as fc.Arbitrary<Wire>;

  test("packets come back as they were, and their length is known before", () => {
    fc.assert(
      fc.property(fc.array(wire), (wires) => {
        const body = writeBody(["s1"], wires);
        expect(packets(body)).toEqual(wires);
        const expected = wires.reduce((sum, each) => sum + chunkLength(each), 3);
        expect(new TextEncoder().encode(body).length).toBe(expected);
      }),
    );
  });

  test("a body is the same without Node's Buffer", () => {
    const node = globalThis.Buffer;
    const bytes = new Uint8Array(100_001).map((_, index) => index * 31);
    const body = writeBody([], [bytes, "4\x1e"]);
    try {
      Reflect.deleteProperty(globalThis, "Buffer");
      expect(writeBody([], [bytes, "4\x1e"])).toBe(body);
      expect(packets(body)).toEqual([bytes, "4\x1e"]);
    } finally {
      globalThis.Buffer = node;
    }
  });
});
