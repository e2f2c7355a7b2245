import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "@playwright/test";

import { expectAccessible, expectNoSidewaysScroll } from "./accessible";
import { expect, test } from "./harness";
import { noWebSocket } from "./nginx";
import { freePort, program, start } from "./process";
import { signIn } from "./session";

const CARRIERS = ["over a WebSocket", "over held requests", "over short requests"];
const TRANSPORTS = ["Socket.IO over WebSocket", "Socket.IO over long-polling", "Adaptive transport", "Direct WebSocket"];

for (const [device, viewport] of Object.entries({ desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } })) {
  test.describe(device, () => {
    test.use({ viewport });

    test("a healthy server shows every transport at work", async ({ page, server }) => {
      await page.goto(`${server.origin}/status`);
      await expect(page.getByText("Healthy").first()).toBeVisible();
      const table = page.getByRole("table", { name: "Through the server itself" });
      for (const name of [...TRANSPORTS, ...CARRIERS]) {
        await expect(table.getByRole("row", { name }).first()).toContainText("works");
      }
      await expect(table).not.toContainText("does not work");
      await look(page, `healthy-${device}`);
    });

    test("a proxy without WebSockets makes it degraded, with the way out", async ({ page, between }) => {
      const port = await freePort();
      const proxy = await between.nginx(noWebSocket, `http://127.0.0.1:${port}`);
      await using server = await serve(port, ["--public-url", proxy.origin]);
      await page.context().addCookies((await signIn(server)).storage.cookies);
      await page.goto(`${proxy.origin}/status`);
      await expect(page.getByText("Degraded").first()).toBeVisible();
      await expect(page.getByText("upgrade_refused").first()).toBeVisible();
      const advice = page.getByRole("link", { name: "What to do" }).first();
      await expect(advice).toHaveAttribute("href", /#upgrade-refused$/);
      const table = page.getByRole("table", { name: `Through ${proxy.origin}` });
      await expect(table.getByRole("row", { name: "over a WebSocket" }).first()).toContainText("does not work");
      await expect(table.getByRole("row", { name: "over held requests" })).toContainText("works");
      await look(page, `degraded-${device}`);
    });

    test("a server that cannot reach itself is critical and says why", async ({ page }) => {
      // No probe can be done in this time, as none can on a machine that is far too busy.
      await using server = await serve(await freePort(), [], { PINGONE_IMPORT_HEALTH_DEADLINE: "0.00001s" });
      await page.context().addCookies((await signIn(server)).storage.cookies);
      await page.goto(`${server.origin}/status`);
      await expect(page.getByText("Critical").first()).toBeVisible();
      await expect(page.getByText("timed_out").first()).toBeVisible();
      const table = page.getByRole("table", { name: "Through the server itself" });
      for (const name of TRANSPORTS) {
        await expect(table.getByRole("row", { name }).first()).toContainText("does not work");
      }
      await look(page, `critical-${device}`);
    });
  });
}

test("whoever logs out elsewhere is told here", async ({ browser, server }) => {
  await using other = await serve(await freePort(), []);
  const { api, storage } = await signIn(other);
  const context = await browser.newContext({ storageState: storage });
  const page = await context.newPage();
  await page.goto(`${other.origin}/status`);
  await expect(page.getByText("Healthy").first()).toBeVisible();
  await expect(page.getByText("Live", { exact: false }).first()).toBeVisible();
  expect((await api.post("/api/logout", { headers: { origin: other.origin } })).status()).toBe(204);
  await expect(page.getByRole("heading", { name: "Please open the login link" })).toBeVisible();
  await expect(page.getByText("pingone-import login-link")).toBeVisible();
  expect((await fetch(`${server.origin}/api/health/live`)).ok).toBe(true);
  await context.close();
});

/** A server without a connection to PingOne, for as long as the test runs. */
async function serve(port: number, options: string[], env: Record<string, string> = {}) {
  const data = mkdtempSync(join(tmpdir(), "pingone-import-e2e-"));
  const args = ["serve", "--listen", `127.0.0.1:${port}`, "--data-dir", data, ...options];
  const server = await start(program("pingone-import"), args, (line) => line.includes("/login?token="), env);
  return {
    origin: `http://127.0.0.1:${port}`,
    loginUrl: /http\S+\/login\?token=\S+/.exec(server.line)?.[0] ?? "",
    stop: () => server.stop(),
    async [Symbol.asyncDispose]() {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** What no state of the page may break; with SCREENSHOTS set, a picture of it is written there. */
async function look(page: Page, name: string): Promise<void> {
  const directory = process.env.SCREENSHOTS;
  if (directory) await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
}
