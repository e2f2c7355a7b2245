import { defineConfig } from "@playwright/test";

/** A real browser from the system, a real server, and real proxies in between: see e2e/harness.ts. */
export default defineConfig({
  testDir: "e2e",
  // The runs share one server, and each wants the machine for itself.
  workers: 1,
  // Far more than a run takes: a machine may be slow, and a wait that succeeds costs nothing.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: true,
  // A browser on a machine that does other things stumbles at times. A case that passes only then is listed as flaky;
  // a wrong count of events or rows is held against it in spite of that, see e2e/importing.ts.
  retries: 1,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
