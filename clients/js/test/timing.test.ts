import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { answerTime, type Asked, isFull, silence } from "../src/carriers/timing.js";
import { RoundTrip } from "../src/rtt.js";

interface Network {
  samples: number[];
  passed: number;
}

interface Vectors {
  answers: { network: Network; request: Asked; ms: number }[];
  silences: { network: Network; liveness: number; ms: number }[];
  full: { bytes: number; packets: number; window: number; maxPayload: number; full: boolean }[];
}

const vectors = JSON.parse(readFileSync(new URL("vectors/timing.json", import.meta.url), "utf8")) as Vectors;

function roundTrip({ samples, passed }: Network): RoundTrip {
  const roundTrip = new RoundTrip();
  samples.forEach((ms) => roundTrip.measured(ms));
  for (let times = 0; times < passed; times += 1) roundTrip.backOff();
  return roundTrip;
}

test.each(vectors.answers)("a request may take $ms ms: $request, $network", ({ network, request, ms }) => {
  expect(Math.abs(answerTime(roundTrip(network), request) - ms)).toBeLessThanOrEqual(1);
});

test.each(vectors.silences)("a WebSocket may be silent for $ms ms: $liveness, $network", ({ network, liveness, ms }) => {
  expect(Math.abs(silence(roundTrip(network), liveness) - ms)).toBeLessThanOrEqual(1);
});

test.each(vectors.full)("$packets packets in $bytes bytes, window $window: $full", ({ bytes, packets, window, maxPayload, full }) => {
  expect(isFull(bytes, packets, window, maxPayload)).toBe(full);
});
