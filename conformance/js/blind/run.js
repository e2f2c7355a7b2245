// How long each client hears nothing while the network is broken in one way after the other.
//
//   node blind/run.js [--times 5] [--rtt 0,50] [--only mute] [--who Node]
//
// Needs target/release/{conformance,fault-proxy}, Chromium and a built clients/js; prints a table in Markdown.
import { parseArgs } from "node:util";
import { startFaultProxy } from "../support/faultProxy.js";
import { startServer } from "../support/server.js";
import { clients, closeBrowser } from "./clients.js";
import { scenarios } from "./scenarios.js";

const text = (value) => ({ type: "string", default: value });
const { values } = parseArgs({ options: { times: text("5"), rtt: text("0,50"), only: text(""), who: text("") } });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A client that hears nothing for so long has failed. */
const DEADLINE = 60_000;
/** Numbers before anything is broken. */
const WARM = 50;
/** A goal is one for the network: so many milliseconds beside it are for the programs on a machine that does more than this. */
const COMPUTING = 25;

/** Milliseconds that one client was blind in one scenario. */
async function blind(client, { opening = {}, pulse = 10, run }, rtt) {
  const server = await startServer("pulse", ["--period", String(pulse)]);
  const proxy = await startFaultProxy(server.url);
  const delay = rtt / 2;
  const faults = ({ websocket = {}, http = {}, ...others }) => ({ ...others, websocket: { ...websocket, delay }, http: { ...http, delay } });
  const set = (change) => proxy.tell({ set: faults(change) });
  let watched = null;
  try {
    await set(opening);
    watched = await client.open(proxy.url);
    await until(async () => (await watched.ticks()).length >= (run ? WARM : 1));
    if (!run) return (await watched.ticks())[0][0];
    const before = (await watched.ticks()).length;
    const reaches = (tier) => until(async () => (await watched.tier()) === tier);
    const news = async () => {
      const { length } = await watched.ticks();
      await until(async () => (await watched.ticks()).length > length);
    };
    await run({ set, cut: () => proxy.tell({ cut: "websocket" }), reaches, news, say: watched.say, online: watched.online, pass: sleep });
    const ticks = await watched.ticks();
    ticks.forEach(([, number], index) => {
      if (number !== index) throw new Error(`number ${number} came instead of ${index}`);
    });
    const times = ticks.slice(before - 1).map(([at]) => at);
    return Math.max(...times.slice(1).map((at, index) => at - times[index]));
  } finally {
    await watched?.close();
    await proxy.stop();
    await server.stop();
  }
}

async function until(holds) {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > DEADLINE) throw new Error("nothing comes any more");
    await sleep(5);
  }
}

const chosen = (list, word) => list.filter(({ name }) => name.includes(word));
const rtts = values.rtt.split(",").map(Number);
const rows = [];
// A process that has just started is slow, whatever the network is like.
for (const client of chosen(clients, values.who)) await blind(client, scenarios[0], 0);
for (const scenario of chosen(scenarios, values.only)) {
  for (const rtt of rtts) {
    // They take turns, so that a machine that is busy for a while is so for all.
    const results = new Map(chosen(clients, values.who).map((client) => [client, []]));
    for (let time = 0; time < Number(values.times); time += 1) {
      for (const [client, times] of results) times.push(await blind(client, scenario, rtt));
    }
    for (const [client, times] of results) {
      times.sort((a, b) => a - b);
      const [median, worst] = [times[Math.floor(times.length / 2)], times.at(-1)].map(Math.round);
      const goal = scenario.goal(rtt);
      const limit = goal + COMPUTING;
      const verdict = worst <= limit ? "kept" : median <= limit ? "kept by the median" : "missed";
      rows.push([scenario.name, client.name, rtt, goal, median, worst, verdict]);
      console.error(rows.at(-1).join(" | "));
    }
  }
}
await closeBrowser();
console.log("| scenario | client | round trip, ms | goal, ms | median, ms | worst, ms | verdict |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const row of rows) console.log(`| ${row.join(" | ")} |`);
process.exit(0);
