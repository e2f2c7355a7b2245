/**
 * Starts what the specs run against: PingOne's simulator, `pingone-import serve` in front of it, and whatever stands
 * between the browser and the server. With BASE_URL and LOGIN_URL set, the server is somebody else's.
 */

import { expect, type Page, test as base } from "@playwright/test";

import { type Faults, type FaultyProxy, startFaultyProxy } from "./faults";
import { type Proxy, startNginx } from "./nginx";
import { type Session, signIn } from "./session";
import { type Running, startServer } from "./server";

export { expect };

interface TestFixtures {
  /** Things to put between the browser and the server; they are gone after the test, however it ends. */
  between: {
    /** In front of the server, or of another one. */
    nginx(rules: string, upstream?: string): Promise<Proxy>;
    faults(faults?: Faults): Promise<FaultyProxy>;
  };
}

interface WorkerFixtures {
  server: Running;
  session: Session;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
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
  between: async ({ server }, use) => {
    const started: Proxy[] = [];
    const keep = async <T extends Proxy>(starting: Promise<T>): Promise<T> => {
      const proxy = await starting;
      started.push(proxy);
      return proxy;
    };
    await use({
      nginx: (rules, upstream = server.origin) => keep(startNginx(upstream, rules)),
      faults: (faults) => keep(startFaultyProxy(server.origin, faults)),
    });
    for (const proxy of started) await proxy.stop();
  },
  page: async ({ page }, use) => {
    const troubles = recordTroubles(page);
    await use(page);
    expect(troubles).toEqual([]);
  },
  storageState: async ({ session }, use) => {
    await use(session.storage);
  },
});

/** Exceptions that nobody caught, and whatever the content security policy forbade. */
function recordTroubles(page: Page): string[] {
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) troubles.push(message.text());
  });
  return troubles;
}
