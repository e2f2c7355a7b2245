import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { SocketLike } from "../src/index.js";
import { FakeEngine } from "./support/client.js";
import { FakeNetwork } from "./support/network.js";

interface Vectors {
  open: string;
  websocket: { messages: string[]; delivers: string[]; then: string }[];
  http: { body: string; delivers: string[]; then: string }[];
}

const vectors = JSON.parse(readFileSync(new URL("vectors/reading.json", import.meta.url), "utf8")) as Vectors;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("a client makes of what it reads what the one in Rust does", () => {
  test.each(vectors.websocket)("$messages", async ({ messages, delivers, then }) => {
    const socket = new ScriptedSocket();
    let opened = 0;
    const engine = new FakeEngine(new FakeNetwork(), { tiers: ["websocket"], openWebSocket: () => (opened++ ? new ScriptedSocket() : socket) });
    await pass(0);
    socket.onopen?.();
    for (const data of ["t3,0,1", vectors.open, ...messages]) socket.onmessage?.({ data });
    await pass(10);
    expect([engine.messages, outcome(engine)]).toEqual([delivers, then]);
    engine.transport.close();
  });

  test.each(vectors.http)("$body", async ({ body, delivers, then }) => {
    const bodies = [`a0\x1es1\x1e${vectors.open}\x1e`, body];
    const fetch = () => Promise.resolve(new Response(bodies.shift() ?? "a0\x1e"));
    const engine = new FakeEngine(new FakeNetwork(), { tiers: ["periodic"], fetch });
    await pass(5_010);
    expect(bodies).toEqual([]);
    expect([engine.messages, outcome(engine)]).toEqual([delivers, then]);
    engine.transport.close();
  });
});

function outcome(engine: FakeEngine): string {
  if (engine.ends.length > 0) return "the session is over";
  return engine.status.tier === null ? "the carrier has failed" : "it goes on";
}

class ScriptedSocket implements SocketLike {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code?: number }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  send = () => undefined;
  close = () => undefined;
}
