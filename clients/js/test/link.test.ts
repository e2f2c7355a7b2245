import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";

import { ProtocolError } from "../src/errors.js";
import { Link } from "../src/link.js";

let link: Link;
beforeEach(() => (link = new Link()));

const submit = (...packets: string[]) => packets.forEach((packet) => link.submit(packet));

describe("sending", () => {
  test("a packet stays until it is acknowledged", () => {
    submit("4a", "4b", "4c");
    expect(link.next).toBe(1);
    expect(link.take(0)).toEqual(["4a", "4b", "4c"]);
    expect(link.waiting).toBe(false);
    expect(link.buffered).toBe(6);
    expect(link.acknowledge(2, 0)).toBe(true);
    expect(link.buffered).toBe(2);
    expect(link.rewind()).toBe(3);
    expect(link.take(0)).toEqual(["4c"]);
  });

  test("an acknowledgement from before changes nothing", () => {
    submit("4a", "4b");
    link.take(0);
    link.acknowledge(2, 0);
    expect(link.acknowledge(1, 0)).toBe(false);
    expect(link.acknowledge(2, 0)).toBe(false);
    expect(link.acked).toBe(2);
  });

  test("nobody can have received what was not sent", () => {
    submit("4a", "4b");
    expect(() => link.acknowledge(1, 0)).toThrow(ProtocolError);
  });

  test("says since when an acknowledgement is owed", () => {
    submit("4a", "4b");
    expect(link.owedSince).toBe(null);
    link.take(100);
    link.take(200);
    expect(link.owedSince).toBe(100);
    link.acknowledge(1, 300);
    expect(link.owedSince).toBe(300);
    link.rewind();
    expect(link.owedSince).toBe(300);
    link.acknowledge(2, 400);
    expect(link.owedSince).toBe(null);
  });

  test("an acknowledgement may come after the carrier that earned it is gone", () => {
    submit("4a", "4b", "4c");
    link.take(0);
    link.rewind();
    expect(link.acknowledge(2, 0)).toBe(true);
    expect(link.take(0)).toEqual(["4c"]);
    expect(link.underway).toBe(2);
  });

  test("the window bounds what is under way, but not below one packet", () => {
    link.window = 10;
    submit("4234567", "4234567", "4".padEnd(20, "x"));
    expect(link.take(0)).toHaveLength(1);
    expect(link.waiting).toBe(false);
    expect(link.writable).toBe(false);
    link.acknowledge(1, 0);
    expect(link.take(0)).toHaveLength(1);
    link.acknowledge(2, 0);
    expect(link.take(0)).toEqual(["4".padEnd(20, "x")]);
    link.acknowledge(3, 0);
    expect(link.writable).toBe(true);
  });

  test("a body takes packets up to its limit, but at least one", () => {
    submit("4234567890", "4", "4", "4");
    expect(link.take(0, 3)).toEqual(["4234567890"]);
    expect(link.take(0, 4)).toEqual(["4", "4"]);
    expect(link.take(0, 2)).toEqual(["4"]);
  });
});

describe("receiving", () => {
  test("a repeat is dropped, a gap is a violation", () => {
    expect(link.accept(1, "4a", 0)).toBe(true);
    expect(link.accept(1, "4a", 0)).toBe(false);
    expect(link.accept(2, "4b", 0)).toBe(true);
    expect(() => link.accept(4, "4d", 0)).toThrow(ProtocolError);
    expect(link.received).toBe(2);
  });

  test("the received count is told 2 s after the first packet that it does not cover", () => {
    expect(link.tellAt).toBe(null);
    link.accept(1, "4a", 1_000);
    link.accept(2, "4b", 1_100);
    expect(link.tellAt).toBe(3_000);
    expect(link.tell()).toBe(2);
    expect(link.tellAt).toBe(null);
  });

  test("or at once after 128 packets or 32 KiB", () => {
    for (let number = 1; number <= 127; number += 1) link.accept(number, "4", 1_000);
    expect(link.tellAt).toBe(3_000);
    link.accept(128, "4", 1_100);
    expect(link.tellAt).toBe(1_000);
    link.tell();
    link.accept(129, new Uint8Array(32 * 1024), 2_000);
    expect(link.tellAt).toBe(2_000);
  });

  test("or after half of what a small window lets through", () => {
    link.window = 65 * 128;
    for (let number = 1; number <= 31; number += 1) link.accept(number, "4", 1_000);
    expect(link.tellAt).toBe(3_000);
    link.accept(32, "4", 1_100);
    expect(link.tellAt).toBe(1_000);
    link.tell();
    link.accept(33, "4".padEnd(65 * 64 - 1), 2_000);
    expect(link.tellAt).toBe(4_000);
    link.accept(34, "4", 2_100);
    expect(link.tellAt).toBe(2_000);
  });

  test("and goes with a packet when it was not told for long, or many have come", () => {
    expect(link.rides).toBe(false);
    link.accept(1, "4", 1_000);
    expect(link.rides).toBe(true);
    link.tell();
    for (let number = 2; number <= 16; number += 1) link.accept(number, "4", 2_000);
    expect(link.rides).toBe(false);
    link.accept(17, "4", 2_000);
    expect(link.rides).toBe(true);
    link.tell();
    link.accept(18, "4".padEnd(16 * 1024 - 1), 2_000);
    expect(link.rides).toBe(false);
    link.accept(19, "4", 2_000);
    expect(link.rides).toBe(true);
    link.tell();
    link.accept(20, "4", 3_999);
    expect(link.rides).toBe(false);
    link.accept(21, "4", 4_000);
    expect(link.rides).toBe(true);
  });
});

test("whatever is lost and repeated, everything arrives once and in order", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("submit" as const), length: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ do: fc.constant("carry" as const), limit: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ do: fc.constant("acknowledge" as const) }),
    fc.record({ do: fc.constant("cut" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 10, max: 100 }), (steps, window) => {
      const [sender, receiver] = [new Link(), new Link()];
      sender.window = window;
      const [sent, arrived]: [string[], string[]] = [[], []];
      let underway: [number, string][] = [];
      const deliver = (packets: [number, string][]) =>
        packets.forEach(([number, packet]) => receiver.accept(number, packet, 0) && arrived.push(packet));
      const carry = (limit: number) => {
        const first = sender.next;
        underway.push(...sender.take(0, limit).map((packet, index): [number, string] => [first + index, packet as string]));
        expect(sender.underway <= window || sender.next - sender.acked === 2).toBe(true);
      };
      const cut = (share: number) => {
        deliver(underway.slice(0, Math.floor(underway.length * share)));
        underway = [];
        sender.rewind();
      };
      for (const it of steps) {
        if (it.do === "submit") {
          const packet = `4${sent.length}`.padEnd(it.length, ".");
          sent.push(packet);
          sender.submit(packet);
        } else if (it.do === "carry") carry(it.limit);
        else if (it.do === "cut") cut(it.share);
        else {
          deliver(underway.splice(0));
          sender.acknowledge(receiver.received, 0);
        }
      }
      while (sender.buffered > 0) {
        carry(Infinity);
        deliver(underway.splice(0));
        sender.acknowledge(receiver.received, 0);
      }
      expect(arrived).toEqual(sent);
    }),
  );
});
