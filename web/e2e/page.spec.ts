import { expectAccessible } from "./accessible";
import { downloaded } from "./download";
import { expect, test } from "./harness";
import { startImport } from "./importing";
import { usernames } from "./session";
import { usersFile } from "./users";

const RUN = Date.now().toString(36);
const MISSPELT = { name: "misspelt.csv", mimeType: "text/csv", buffer: Buffer.from("username,emial,shoe size\nada,ada@example.com,38\n") };

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("no state of the page breaks an accessibility rule", async ({ page, server }) => {
      await page.goto(server.origin);
      await expect(page.getByRole("heading", { name: "Import users" })).toBeVisible();
      await expectAccessible(page);
      await page.locator("input[type=file]").setInputFiles(MISSPELT);
      await expect(page.getByText("Did you mean")).toBeVisible();
      await expectAccessible(page);
      await startImport(page, server.origin, usersFile(`a11y-${colorScheme}-${RUN}`, 60));
      await expect(page.getByText("Import finished", { exact: false })).toBeVisible();
      await expect(page.getByRole("table", { name: "Failed rows" })).toBeVisible();
      await expectAccessible(page);
    });
  });
}

test("failed rows can be downloaded with their reasons", async ({ page, server }) => {
  const users = usersFile(`rejects-${RUN}`, 60);
  await startImport(page, server.origin, users);
  const { text } = await downloaded(page, page.getByRole("link", { name: "Download rejected rows (CSV)" }));
  const [header, ...rows] = text.trim().split(/\r?\n/);
  expect(header).toMatch(/^username,email,firstName,lastName,error_code,error_message,error_input$/);
  expect(rows).toHaveLength(users.failed);
});

test("failed rows can be tried again as a job of their own", async ({ page, server }) => {
  const users = usersFile(`retry-${RUN}`, 60);
  await startImport(page, server.origin, users);
  const first = page.url();
  await page.getByRole("button", { name: `Retry ${users.failed} failed rows` }).click();
  await page.waitForURL((url) => url.href !== first);
  await expect(page.getByTestId("count-failed")).toHaveText(`${users.failed}`);
  await expect(page.getByTestId("processed")).toHaveText(`${users.failed}`);
});

test("without a session the page says where to log in", async ({ browser, server }) => {
  const context = await browser.newContext({ storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto(server.origin);
  await expect(page.getByRole("heading", { name: "Please open the login link" })).toBeVisible();
  await expect(page.getByText("pingone-import serve")).toBeVisible();
  await expectAccessible(page);
  await context.close();
});

test("an unknown job is said to be unknown", async ({ page, server }) => {
  await page.goto(`${server.origin}/jobs/0198c0de-0000-7000-8000-000000000000`);
  await expect(page.getByRole("alert")).toContainText("there is no job", { ignoreCase: true });
});

test("a file without usernames is refused with the reason", async ({ page, server }) => {
  await page.goto(server.origin);
  const buffer = Buffer.from("email,firstName\nada@example.com,Ada\n");
  await page.locator("input[type=file]").setInputFiles({ name: "no-usernames.csv", mimeType: "text/csv", buffer });
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("This file cannot be imported as it is");
  await expect(alert).toContainText("username");
  await expect(page.getByRole("button", { name: "Start import" })).toBeDisabled();
});

test("a saved mapping says what columns mean, at every width", async ({ page, server, session }) => {
  const mapping = { Who: "username", "Shoe size": "" };
  const saved = await session.api.put("/api/mappings/Payroll", { data: mapping });
  expect(saved.ok()).toBe(true);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(server.origin);
  const buffer = Buffer.from(`Who,Shoe size\nmapped-${RUN},38\n`);
  await page.locator("input[type=file]").setInputFiles({ name: "payroll.csv", mimeType: "text/csv", buffer });
  await expect(page.getByText("no username column")).toBeVisible();
  await page.getByRole("combobox", { name: "Saved mapping of columns" }).click();
  await page.getByRole("option", { name: "Payroll" }).click();
  await expect(page.getByRole("button", { name: "Import 1 user" })).toBeEnabled();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Import 1 user" }).click();
  await expect(page.getByText("Import finished", { exact: false })).toBeVisible();
  await expect(page.getByTestId("count-created")).toHaveText("1");
  await session.api.delete("/api/mappings/Payroll");
});

test("an import is tried out before, which writes nothing", async ({ page, server, session }) => {
  const users = usersFile(`trial-${RUN}`, 50);
  await page.goto(server.origin);
  await page.locator("input[type=file]").setInputFiles({ name: users.name, mimeType: "text/csv", buffer: Buffer.from(users.csv) });
  await page.getByRole("button", { name: "Try it out" }).click();
  const trial = page.getByTestId("trial");
  await expect(trial.getByText(`${users.created} users would be created, ${users.failed} rows would fail`, { exact: false })).toBeVisible();
  await expect(trial.getByRole("table", { name: "Rows that would fail" })).toContainText("INVALID_VALUE");
  expect(await usernames(session, `username sw "trial-${RUN}"`)).toEqual([]);
  await page.getByRole("checkbox", { name: "Ignore unknown columns" }).check();
  await expect(trial).toHaveCount(0);
});
