import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { type Action, type Failure, Ladder, type Tier, Tiers } from "../src/ladder/index.js";
import { Random } from "../src/ladder/random.js";

type Input =
  | { type: "failed"; carrier: number; failure: Failure }
  | { type: "hint"; hint: "changed" | "offline" }
  | { type: "offered"; tiers: Tier[] }
  | { type: "opened" | "proved" | "stale"; carrier: number }
  | { type: "rto"; rto: number }
  | { type: "start" | "timeout" };

interface Vector {
  name: string;
  config: { tiers: Tier[]; raceDelay: number; trialDeadline: number; remembered: { tier: Tier; age: number } | null; seed: number };
  steps: { at: number; input: Input; actions: Action[]; timeout: number | null }[];
}

const vectors = JSON.parse(readFileSync(new URL("vectors/ladder.json", import.meta.url), "utf8")) as Vector[];

describe("does what the implementation in Rust does", () => {
  test.each(vectors)("$name", ({ config, steps }) => {
    const ladder = new Ladder(0, { ...config, tiers: new Tiers(config.tiers) });
    steps.forEach(({ at, input, actions, timeout }, index) => {
      tell(ladder, at, input);
      expect({ actions: taken(ladder), timeout: ladder.due }, `step ${index} at ${at}: ${JSON.stringify(input)}`).toEqual({ actions, timeout });
    });
  });
});

test("the random numbers are those of the original", () => {
  const random = new Random(1);
  expect([random.next(), random.next(), random.next()]).toEqual([2_693_262_067, 11_749_833, 2_265_367_787]);
});

function tell(ladder: Ladder, at: number, input: Input): void {
  switch (input.type) {
    case "failed":
      return ladder.failed(at, input.carrier, input.failure);
    case "hint":
      return input.hint === "offline" ? ladder.offline(at) : ladder.networkChanged(at);
    case "offered":
      return ladder.offered(at, new Tiers(input.tiers));
    case "opened":
      return ladder.opened(at, input.carrier);
    case "proved":
      return ladder.proved(at, input.carrier);
    case "stale":
      return ladder.stale(at, input.carrier);
    case "rto":
      return ladder.roundTripTimeout(input.rto);
    case "timeout":
      return ladder.timeout(at);
    case "start":
  }
}

function taken(ladder: Ladder): Action[] {
  const actions: Action[] = [];
  for (let action = ladder.poll(); action; action = ladder.poll()) actions.push(action);
  return actions;
}
