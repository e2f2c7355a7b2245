import { expect, test } from "./harness";
import { expectTier, expectTruth, processed, startImport } from "./importing";
import { noWebSocket, shortRequestsOnly } from "./nginx";
import { jobOf } from "./session";
import { usersFile } from "./users";

/** Usernames must not meet those of an earlier run against the same server. */
const RUN = Date.now().toString(36);

test("with everything allowed, over the WebSocket", async ({ page, server, session }) => {
  const users = usersFile(`direct-${RUN}`, 600);
  const id = await startImport(page, server.origin, users);
  await expectTier(page, "websocket");
  await expectTruth(page, session, id, users);
});

test("with the WebSocket refused by nginx, over long-polling", async ({ page, between, session }) => {
  const nginx = await between.nginx(noWebSocket);
  const users = usersFile(`polling-${RUN}`, 600);
  const id = await startImport(page, nginx.origin, users);
  await expectTier(page, "long-polling");
  await expect(page.getByRole("button", { name: "Connection: Live: long-polling" })).toBeVisible();
  await expectTruth(page, session, id, users);
  await expectTier(page, "long-polling");
});

test("with the WebSocket cut in the middle, over requests until it is back", async ({ page, between, session }) => {
  const proxy = await between.faults();
  // Most of a minute, so that the WebSocket is back before the end on a slow machine too.
  const users = usersFile(`cut-${RUN}`, 7_500);
  const id = await startImport(page, proxy.origin, users);
  await expectTier(page, "websocket");
  await expect.poll(() => processed(page)).toBeGreaterThan(200);
  proxy.cut();
  await expectTier(page, "periodic");
  const atCut = await processed(page);
  await expect.poll(() => processed(page)).toBeGreaterThan(atCut + 100);
  proxy.mend();
  await expectTier(page, "websocket");
  expect(await processed(page)).toBeLessThan(users.total);
  await expectTruth(page, session, id, users);
});

test("with the network gone in the middle, and back", async ({ page, between, session }) => {
  const proxy = await between.faults();
  const users = usersFile(`offline-${RUN}`, 4_500);
  const id = await startImport(page, proxy.origin, users);
  await expectTier(page, "websocket");
  await expect.poll(() => processed(page)).toBeGreaterThan(200);
  await page.context().setOffline(true);
  // The browser may leave a WebSocket that is open already as it is; a network that is gone does not.
  proxy.cut();
  proxy.mend();
  await expectTier(page, "offline");
  const atCut = await processed(page);
  await expect.poll(async () => (await jobOf(session, id)).processed).toBeGreaterThan(atCut + 300);
  expect(await processed(page)).toBe(atCut);
  await page.context().setOffline(false);
  await expectTier(page, "websocket");
  expect(await processed(page)).toBeLessThan(users.total);
  await expectTruth(page, session, id, users);
});

test("with a WebSocket that is accepted and stays mute, over long-polling", async ({ page, between, session }) => {
  const proxy = await between.faults({ mute: true });
  const users = usersFile(`mute-${RUN}`, 1_500);
  const id = await startImport(page, proxy.origin, users);
  await expectTier(page, "long-polling");
  await expectTruth(page, session, id, users);
});

test("with short requests only, over the cursor", async ({ page, between, session }) => {
  const nginx = await between.nginx(shortRequestsOnly);
  const users = usersFile(`short-${RUN}`, 600);
  const id = await startImport(page, nginx.origin, users);
  await expectTier(page, "periodic");
  await expect(page.getByRole("button", { name: "Connection: Periodic requests" })).toBeVisible();
  await expectTruth(page, session, id, users);
  await expectTier(page, "periodic");
});

test("a reload in the middle comes back to the running import", async ({ page, server, session }) => {
  const users = usersFile(`reload-${RUN}`, 1_200);
  const id = await startImport(page, server.origin, users);
  await expect.poll(() => processed(page)).toBeGreaterThan(200);
  await page.reload();
  await expectTier(page, "websocket");
  expect(await processed(page)).toBeGreaterThan(200);
  await expectTruth(page, session, id, users);
});

test("paused, resumed and cancelled", async ({ page, server }) => {
  const users = usersFile(`control-${RUN}`, 6_000);
  await startImport(page, server.origin, users);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Cancel the import" }).click();
  await expect(page.getByText(/^Cancelled after [\d,]+ of 6,000 rows$/)).toBeVisible();
});
