// Sends the same requests to our server and to the reference server, and compares what comes back.
// Fails on a difference that `differences.js` does not explain, and on an explanation without a difference.
import { isDeepStrictEqual } from "node:util";
import { startReference, startServer } from "../support/server.js";
import { DIFFERENCES, HEADERS } from "./differences.js";
import { ROWS } from "./rows.js";
import { Target } from "./target.js";

/** After this a row counts as "no answer"; both servers have more patience than that. */
const DEADLINE_MS = 10_000;

const explained = new Map();
for (const { reason, rows } of DIFFERENCES) {
  for (const [row, expected] of Object.entries(rows)) explained.set(row, { reason, expected });
}

let [same, intended, wrong] = [0, 0, 0];
for (const [protocol, rows] of Object.entries(ROWS)) {
  const options = protocol === "engine" ? ["--cors", "https://app.example"] : [];
  const servers = [await startServer(protocol, ["--relaxed", ...options]), await startReference(protocol, options)];
  const targets = servers.map(({ url }) => new Target(url, `/${protocol}.io/`));
  for (const [name, row] of Object.entries(rows)) {
    const [ours, theirs] = await Promise.all(targets.map((target) => observe(row, target)));
    judge(name, ours, theirs);
  }
  await Promise.all(servers.map((server) => server.stop()));
}
for (const name of explained.keys()) fail(name, "is explained, and there is no such row");
console.log(`${same} rows are the same, ${intended} differ as intended, ${wrong} are not explained`);
process.exit(wrong === 0 ? 0 : 1);

async function observe(row, target) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve("no answer"), DEADLINE_MS);
  });
  const seen = await Promise.race([row(target), late]);
  clearTimeout(timer);
  return seen;
}

function judge(name, ours, theirs) {
  const explanation = explained.get(name);
  explained.delete(name);
  const wrongHeader = setHeadersAside(ours, theirs);
  if (wrongHeader) return fail(name, wrongHeader);
  const [onlyOurs, onlyTheirs] = differing(ours, theirs);
  if (isDeepStrictEqual(ours, theirs)) {
    same += 1;
    if (explanation) fail(name, "is explained, and there is no difference");
  } else if (explanation && isDeepStrictEqual(explanation.expected, { ours: onlyOurs, theirs: onlyTheirs })) {
    intended += 1;
    console.log(`${name}: ${explanation.reason}`);
  } else {
    fail(name, `differs\n  ours:   ${JSON.stringify(onlyOurs)}\n  theirs: ${JSON.stringify(onlyTheirs)}`);
  }
}

/** Removes the headers that differ by a rule, from all answers in what was seen; tells of one that breaks its rule. */
function setHeadersAside(ours, theirs) {
  if (ours === null || typeof ours !== "object" || Array.isArray(ours)) return null;
  if (typeof ours.status === "number" && "body" in ours) {
    for (const { header, holds } of HEADERS) {
      if (!holds(ours[header], ours, theirs)) return `breaks the rule for ${header}: ${JSON.stringify(ours)}`;
      delete ours[header];
      if (theirs !== null && typeof theirs === "object") delete theirs[header];
    }
    return null;
  }
  const wrong = Object.keys(ours).map((key) => setHeadersAside(ours[key], theirs?.[key]));
  return wrong.find((what) => what !== null) ?? null;
}

/** The two without the fields in which they agree. */
function differing(ours, theirs) {
  const isRecord = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  if (!isRecord(ours) || !isRecord(theirs)) return [ours, theirs];
  const [left, right] = [{}, {}];
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    if (isDeepStrictEqual(ours[key], theirs[key])) continue;
    [left[key], right[key]] = differing(ours[key] ?? null, theirs[key] ?? null);
  }
  return [left, right];
}

function fail(name, what) {
  wrong += 1;
  console.error(`NOT EXPLAINED: ${name}: ${what}`);
}
