import type { Page } from "@playwright/test";

import { downloaded } from "./download";
import { expect, test } from "./harness";
import { look } from "./look";
import { startEmpty } from "./server";
import { createPopulation, importUsers, type Session, signIn } from "./session";

const RUN = Date.now().toString(36);

async function people(session: Session, prefix: string, total: number): Promise<string> {
  const population = `Exported ${prefix}`;
  await createPopulation(session, population);
  const rows = Array.from({ length: total }, (_, row) => `${prefix}-${row},${prefix}-${row}@example.com,Ada,Lovelace ${row}`);
  await importUsers(session, `username,email,firstName,lastName\n${rows.join("\n")}\n`, { population });
  return population;
}

async function choosePopulation(page: Page, name: string): Promise<void> {
  await page.getByRole("radio", { name: "The users of one population" }).check();
  await page.getByRole("combobox", { name: "Population" }).click();
  await page.getByRole("option", { name }).click();
}

// Each state is looked at in both colour schemes, which takes its time on a busy machine.
test.slow();

test("a population is counted, exported and downloaded, and imports again", async ({ page, server, session }) => {
  const prefix = `export-${RUN}`;
  const population = await people(session, prefix, 230);
  await page.goto(server.origin);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Export" }).click();
  await expect(page.getByRole("heading", { name: "Export users" })).toBeVisible();
  await choosePopulation(page, population);
  await page.getByRole("button", { name: "Count users" }).click();
  await expect(page.getByText("230 users would be exported")).toBeVisible();
  await look(page, "export");
  await page.getByRole("button", { name: "Export users" }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]+$/);
  await expect(page.getByText("Export finished: 230 users", { exact: false })).toBeVisible();
  await expect(page.getByTestId("count-unchanged")).toHaveText("230");
  await look(page, "export-job");
  const { name, text } = await downloaded(page, page.getByRole("link", { name: /^Download users-.*\.csv$/ }));
  expect(name).toMatch(/^users-\d{4}-\d{2}-\d{2}\.csv$/);
  expect(text.trim().split("\r\n")).toHaveLength(231);
  const again = await importUsers(session, text, { mode: "skip_existing" });
  expect(again).toMatchObject({ total: 230, skipped: 230, failed: 0 });
});

test("chosen attributes, a filter and NDJSON", async ({ page, server, session }) => {
  const prefix = `chosen-${RUN}`;
  await people(session, prefix, 12);
  await page.goto(`${server.origin}/export`);
  await page.getByRole("textbox", { name: "Only those who match a filter (optional)" }).fill(`username sw "${prefix}-1"`);
  await page.getByRole("radio", { name: "Chosen attributes" }).check();
  const attributes = page.getByRole("combobox", { name: "Attributes" });
  await attributes.focus();
  for (let chosen = 0; chosen < 4; chosen += 1) await page.keyboard.press("Backspace");
  await expect(page.getByText("At least one attribute is chosen")).toBeVisible();
  await expect(page.getByRole("button", { name: "Export users" })).toBeDisabled();
  await attributes.fill("createdAt");
  await page.getByRole("option", { name: /^createdAt/ }).click();
  await expect(page.getByText("Without the username it cannot be imported again.", { exact: false })).toBeVisible();
  await attributes.fill("username");
  await page.getByRole("option", { name: /^username/ }).click();
  await page.keyboard.press("Escape");
  await page.getByText("NDJSON", { exact: true }).click();
  await page.getByRole("button", { name: "Export users" }).click();
  await expect(page.getByText("Export finished: 3 users", { exact: false })).toBeVisible();
  const { name, text } = await downloaded(page, page.getByRole("link", { name: /^Download users-.*\.ndjson$/ }));
  expect(name).toMatch(/\.ndjson$/);
  const users = text.trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(users.map(({ username }) => username)).toEqual([`${prefix}-1`, `${prefix}-10`, `${prefix}-11`]);
  expect(users.map((user) => Object.keys(user).sort())).toEqual(users.map(() => ["createdAt", "username"]));
});

test("a filter that PingOne does not take is refused with its reason, where it stands", async ({ page, server, session }) => {
  await page.goto(`${server.origin}/export`);
  const filter = page.getByRole("textbox", { name: "Only those who match a filter (optional)" });
  const before = ((await (await session.api.get("/api/jobs")).json()) as unknown[]).length;
  await filter.fill("shoeSize gt 40");
  await page.getByRole("button", { name: "Count users" }).click();
  await expect(filter).toHaveAccessibleDescription(/The filter cannot be used: .*/);
  await expect(filter).toHaveAttribute("aria-invalid", "true");
  await look(page, "export-filter");
  await page.getByRole("button", { name: "Use the filter enabled eq false" }).click();
  await expect(filter).not.toHaveAttribute("aria-invalid", "true");
  expect(((await (await session.api.get("/api/jobs")).json()) as unknown[]).length).toBe(before);
});

test("without permission to read users it says whose permission is missing", async ({ page }) => {
  await using server = await startEmpty({ refuses: (method, path) => method === "GET" && path.includes("/users") });
  await page.context().addCookies((await signIn(server)).storage.cookies);
  await page.goto(`${server.origin}/export`);
  await page.getByRole("button", { name: "Export users" }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The export was not started");
  await expect(alert).toContainText("Identity Data Admin");
  await look(page, "export-forbidden");
});

test("the list of jobs shows each kind with its outcome and its file", async ({ page, server, session }) => {
  const prefix = `list-${RUN}`;
  const population = await people(session, prefix, 3);
  await session.api.post("/api/jobs", { data: { kind: "export", population } });
  await page.goto(server.origin);
  await page.getByRole("link", { name: "All jobs" }).click();
  await expect(page.getByRole("heading", { name: "Jobs", level: 1 })).toBeVisible();
  const row = page.getByRole("row", { name: `Export users of ${population}` });
  await expect(row).toContainText("3 exported");
  const { text } = await downloaded(page, row.getByRole("link", { name: /^Download users-/ }));
  expect(text).toContain(`${prefix}-1@example.com`);
  await expect(page.getByRole("row", { name: "Import people.csv" }).first()).toContainText("created");
  await look(page, "jobs");
});
