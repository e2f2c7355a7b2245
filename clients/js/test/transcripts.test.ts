import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { End } from "../src/session.js";
import type { Tier } from "../src/ladder/index.js";
import { FakeEngine } from "./support/client.js";
import { type Said, ScriptedNetwork } from "./support/transcript.js";

type Input =
  | { type: "answered"; body: string }
  | { type: "closed" | "opened" | "pong"; websocket: number }
  | { type: "failed" | "pass" | "start" }
  | { type: "message"; websocket: number; text: string }
  | { type: "send"; texts: string[] };

interface Step {
  at: number;
  input: Input;
  output: Partial<Said> & { messages?: string[]; end?: string };
  tier: Tier | null;
  buffered: number;
}

interface Transcript {
  name: string;
  side: "client" | "server";
  setting: { tiers: Tier[] };
  steps: Step[];
}

/** What the vectors call the end of a session. */
const ENDS: Record<End, string> = {
  closed: "closed",
  expired: "expired",
  gone: "closed",
  large: "protocol",
  protocol: "protocol",
  slow: "slow",
  taken: "closed",
  unreachable: "unreachable",
};

let network: ScriptedNetwork;
let engine: FakeEngine;

beforeEach(() => {
  vi.useFakeTimers();
  network = new ScriptedNetwork();
});

afterEach(async () => {
  engine.transport.close();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe.each(["numbering", "resume"])("says what the implementation in Rust says: %s", (name) => {
  const vectors = JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), "utf8")) as Transcript[];
  const clients = vectors.filter(({ side }) => side === "client");

  test.each(clients)("$name", async ({ setting, steps }) => {
    let [now, heard] = [0, 0];
    for (const { at, input, output, tier, buffered } of steps) {
      await vi.advanceTimersByTimeAsync(at - now);
      now = at;
      if (input.type === "start") engine = new FakeEngine(network, { tiers: setting.tiers });
      else happen(input);
      await vi.advanceTimersByTimeAsync(0);
      const messages = engine.messages.slice(heard);
      heard = engine.messages.length;
      const said = { ...network.take(), messages };
      const { snapshot } = engine.status;
      const expected = { opens: [], sends: [], requests: [], messages: [], ...output, tier, buffered };
      const seen = { ...said, ...end(), tier: snapshot.tier, buffered: snapshot.buffered };
      expect(seen, `${at}: ${JSON.stringify(input)}`).toEqual(expected);
    }
  });
});

function happen(input: Exclude<Input, { type: "start" }>): void {
  switch (input.type) {
    case "answered":
      return network.answer(input.body);
    case "closed":
      return network.socket(input.websocket).onclose?.({ code: 1006 });
    case "failed":
      return network.fail();
    case "message":
      return network.socket(input.websocket).onmessage?.({ data: input.text });
    case "opened":
      return network.socket(input.websocket).onopen?.();
    case "pong":
      return network.socket(input.websocket).pong();
    case "send":
      return engine.send(...input.texts);
    case "pass":
  }
}

/** How the session ended, if it did. */
function end(): { end?: string } {
  const detail = engine.ends[0]?.detail as { context: { end: End } } | undefined;
  return detail ? { end: ENDS[detail.context.end] } : {};
}
