/**
 * Starts what the specs run against: PingOne's simulator, `pingone-import serve` in front of it, and whatever stands
 * between the browser and the server. With BASE_URL and LOGIN_URL set, the server is somebody else's.
 */

import { test as base } from "@playwright/test";

import { type Session, signIn } from "./session";
import { type Running, startServer } from "./server";

export { expect } from "@playwright/test";

interface WorkerFixtures {
  server: Running;
  session: Session;
}

export const test = base.extend<object, WorkerFixtures>({
  server: [
    async ({}, use) => {
      const server = await startServer();
      await use(server);
      await server.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  // The login link works once, so that all specs share its session.
  session: [
    async ({ server }, use) => {
      await use(await signIn(server));
    },
    { scope: "worker" },
  ],
  storageState: async ({ session }, use) => {
    await use(session.storage);
  },
});
