// The same faults for the reference server with its own client, and for our server with the adaptive transport.
//
//   node comparison/run.js [--seconds 75] [--only mute] [--who socketioxide]
//
// Needs target/{release,debug}/{conformance,fault-proxy} and a built clients/js; prints a table in Markdown.
import { parseArgs } from "node:util";
import { contenders } from "./contenders.js";
import { startProxy } from "./proxy.js";
import { scenarios } from "./scenarios.js";
import { observe } from "./observer.js";

const text = { type: "string" };
const { values } = parseArgs({ options: { seconds: { ...text, default: "75" }, only: { ...text, default: "" }, who: { ...text, default: "" } } });
const seconds = Number(values.seconds);

/** One contender through one scenario. */
async function run(scenario, contender) {
  const server = await contender.start();
  const proxy = await startProxy(server.url);
  try {
    await proxy.set(scenario.opening ?? {});
    const observer = observe(contender.connect(proxy.url), contender.broadcaster(server.url), contender.event, scenario.period ?? 50);
    await scenario.run?.(proxy, observer);
    const result = await observer.end(seconds);
    return { scenario: scenario.name, contender: contender.name, ...result };
  } finally {
    await proxy.stop();
    await server.stop();
  }
}

// The standard client throws where nobody can catch it when it gets an event of which only the type has come. A page in a
// browser would go on.
process.on("uncaughtException", (error) => console.error(`uncaught: ${error.stack}`));

const chosen = contenders.filter(({ name }) => name.includes(values.who));
const rows = [];
for (const scenario of scenarios.filter(({ name }) => name.includes(values.only))) {
  rows.push(...(await Promise.all(chosen.map((contender) => run(scenario, contender)))));
}

console.log("| scenario | who | first event, ms | lost | repeated | longest time blind, ms | disconnects |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const row of rows) {
  const cells = [row.scenario, row.contender, row.first, row.lost, row.repeated, row.blind, row.disconnects];
  console.log(`| ${cells.join(" | ")} |`);
}
process.exit(0);
