// Backstage's catalogue reads all users and groups of a PingOne: tokens, pages, filters and memberships.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import https from "node:https";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

const require = createRequire(import.meta.url);
const CLIENT = "@backstage-community/plugin-catalog-backend-module-pingidentity/dist";
const { PingIdentityEntityProvider } = require(`${CLIENT}/providers/PingIdentityEntityProvider.cjs.js`);
const { PingIdentityClient } = require(`${CLIENT}/lib/client.cjs.js`);

const BUILT = new URL("../../target/release/pingone-sim", import.meta.url).pathname;
const IMPORT = "application/vnd.pingidentity.user.import+json";
const LOGGER = { info() {}, warn() {}, error() {}, child: () => LOGGER };

const running = [];
after(() => running.forEach((simulator) => simulator.kill()));

async function pingone(...options) {
  const simulator = spawn(process.env.PINGONE_SIM ?? BUILT, ["--tls", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  running.push(simulator);
  const [line] = await once(createInterface(simulator.stdout), "line");
  const where = JSON.parse(line);
  https.globalAgent.options.ca = where.certificate;
  const config = {
    id: "local",
    apiPath: where.api,
    authPath: where.auth,
    envId: where.environment,
    clientId: where.client_id,
    clientSecret: where.client_secret,
    userQuerySize: 7,
    groupQuerySize: 7,
  };
  return { config, send: sender(config) };
}

/** Sends what the client itself never does. */
function sender(config) {
  const client = new PingIdentityClient(config);
  return async (path, body, type = "application/json") => {
    const headers = { authorization: `Bearer ${await client.getAccessToken()}`, "content-type": type };
    const request = https.request(`${config.apiPath}/environments/${config.envId}${path}`, { method: "POST", headers });
    request.end(JSON.stringify(body));
    const [response] = await once(request, "response");
    assert.equal(response.statusCode, 201);
    return JSON.parse((await response.toArray()).join(""));
  };
}

async function filled(...options) {
  const { config, send } = await pingone(...options);
  const group = await send("/groups", { name: "readers", description: "who reads" });
  for (let number = 0; number < 30; number++) {
    const user = { username: `user${number}`, email: `user${number}@example.com`, name: { given: "Ada", family: "Byron" } };
    const { id } = await send("/users", user, IMPORT);
    if (number % 3 === 0) await send(`/users/${id}/memberOfGroups`, { id: group.id });
  }
  return config;
}

async function read(config) {
  const provider = new PingIdentityEntityProvider({ id: config.id, provider: config, logger: LOGGER });
  let entities;
  await provider.connect({ applyMutation: async (mutation) => (entities = mutation.entities.map(({ entity }) => entity)) });
  await provider.read();
  return entities;
}

test("all users and groups are read, page by page, with who is in which", async () => {
  const entities = await read(await filled());
  const users = entities.filter(({ kind }) => kind === "User");
  const names = users.map(({ metadata }) => metadata.name);
  assert.deepEqual(names, Array.from({ length: 30 }, (_, number) => `user${number}`));
  assert.equal(users[0].spec.profile.displayName, "Ada Byron");
  assert.equal(users.filter(({ spec }) => spec.memberOf.includes("readers")).length, 10);
  const groups = entities.filter(({ kind }) => kind === "Group");
  assert.deepEqual(groups.map(({ metadata }) => metadata.description), ["who reads"]);
});

test("a token that ends in the middle is renewed", async () => {
  const entities = await read(await filled("--fail", "list=401"));
  assert.equal(entities.length, 31);
});
