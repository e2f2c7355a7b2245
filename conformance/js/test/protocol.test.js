// The rules of the protocols over raw connections: our servers, and the reference servers as the judges of the cases.
import { after, before, describe, test } from "node:test";
import * as engine from "../protocol/engine.js";
import * as socket from "../protocol/socket.js";
import { startReference, startServer } from "../support/server.js";

const SUITES = { engine, socket };
const SERVERS = {
  ours: { patient: (name) => startServer(name, ["--relaxed"]), quick: (name) => startServer(name) },
  "the reference": { patient: (name) => startReference(name), quick: (name) => startReference(name, ["--quick"]) },
};

for (const [protocol, suite] of Object.entries(SUITES)) {
  for (const [whose, start] of Object.entries(SERVERS)) {
    describe(`${protocol} protocol, ${whose}`, () => {
      const { silence, ...groups } = suite;
      run(groups, () => start.patient(protocol));
      run({ silence }, () => start.quick(protocol));
    });
  }
}

function run(groups, start) {
  for (const [group, cases] of Object.entries(groups)) {
    describe(group, () => {
      let server;
      before(async () => (server = await start()));
      after(() => server.stop());
      for (const [name, body] of Object.entries(cases)) {
        test(name, { timeout: 60_000 }, () => body(server.url));
      }
    });
  }
}
