import type { Page } from "@playwright/test";

import { expect, test } from "./harness";
import { look } from "./look";
import { startEmpty } from "./server";
import { importUsers, signIn } from "./session";

const RUN = Date.now().toString(36);

async function choose(page: Page, name: string, csv: string): Promise<void> {
  await page.locator("input[type=file]").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(csv) });
}

// Each state is looked at in both colour schemes, which takes its time on a busy machine.
test.slow();

test("what would change is counted before, and only that is changed", async ({ page, server, session }) => {
  const prefix = `change-${RUN}`;
  const users = Array.from({ length: 30 }, (_, row) => `${prefix}-${row},${prefix}-${row}@example.com,Engineer`);
  await importUsers(session, `username,email,title\n${users.join("\n")}\n`);
  const changes = Array.from({ length: 30 }, (_, row) => `${prefix}-${row}@example.com,${row < 10 ? "Director" : row < 12 ? "-" : "Engineer"}`);
  await page.goto(server.origin);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Modify" }).click();
  await choose(page, "titles.csv", `email,title\n${changes.join("\n")}\n${prefix}-new@example.com,Trainee\n`);
  await expect(page.getByText("This file cannot be used as it is")).toBeVisible();
  await page.getByRole("combobox", { name: "Match users by" }).click();
  await page.getByRole("option", { name: "E-mail address" }).click();
  await page.getByRole("textbox", { name: "Text that clears an attribute (optional)" }).fill("-");
  await page.getByRole("button", { name: "Try it out" }).click();
  await expect(page.getByTestId("trial").getByText("12 users would be updated, 18 unchanged, 1 row would fail", { exact: false })).toBeVisible();
  await expect(page.getByRole("row", { name: `${prefix}-new@example.com` })).toContainText("NOT_FOUND");
  await look(page, "modify");
  await page.getByRole("button", { name: "Modify up to 31 users" }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]+$/);
  await expect(page.getByText("12 users updated, 18 unchanged, 1 row failed", { exact: false })).toBeVisible();
  await look(page, "modify-job");
  const titles = await titlesOf(session, prefix);
  expect(titles.filter((title) => title === "Director")).toHaveLength(10);
  expect(titles.filter((title) => title === undefined)).toHaveLength(2);
});

test("users who do not exist are created when that is asked for", async ({ page, server, session }) => {
  const prefix = `missing-${RUN}`;
  await importUsers(session, `username,title\n${prefix}-old,Engineer\n`);
  await page.goto(`${server.origin}/modify`);
  await choose(page, "both.csv", `username,title\n${prefix}-old,Director\n${prefix}-new,Trainee\n`);
  await page.getByRole("checkbox", { name: "Create users who do not exist" }).check();
  await expect(page.getByRole("combobox", { name: "Population of new users" })).toHaveValue(/Default/);
  await page.getByRole("combobox", { name: "Match users by" }).click();
  await page.getByRole("option", { name: /PingOne/ }).click();
  await expect(page.getByRole("checkbox", { name: "Create users who do not exist" })).toBeDisabled();
  await page.getByRole("combobox", { name: "Match users by" }).click();
  await page.getByRole("option", { name: "Username" }).click();
  await page.getByRole("button", { name: "Modify up to 2 users" }).click();
  await expect(page.getByText("1 user updated, 1 created", { exact: false })).toBeVisible();
});

test("a file that PingOne knows no columns of is refused until they are left out", async ({ page, server }) => {
  await page.goto(`${server.origin}/modify`);
  await choose(page, "odd.csv", "username,titel,shoe size\nada,Countess,38\n");
  await expect(page.getByText("Did you mean")).toBeVisible();
  await expect(page.getByRole("button", { name: "Modify up to 1 user" })).toBeDisabled();
  await look(page, "modify-odd");
  await page.getByRole("button", { name: "Ignore unknown columns" }).click();
  await expect(page.getByRole("button", { name: "Modify up to 1 user" })).toBeEnabled();
});

test("a role that may not change users fails each row with PingOne's reason", async ({ page }) => {
  let refused = true;
  await using server = await startEmpty({ refuses: (method) => refused && method === "PATCH" });
  const session = await signIn(server);
  await page.context().addCookies(session.storage.cookies);
  await importUsers(session, "username,title\nada,Countess\n");
  await page.goto(`${server.origin}/modify`);
  await choose(page, "titles.csv", "username,title\nada,Duchess\n");
  await page.getByRole("button", { name: "Modify up to 1 user" }).click();
  await expect(page.getByRole("row", { name: "ada" })).toContainText("INSUFFICIENT_PERMISSIONS");
  await expect(page.getByText("Modification finished", { exact: false })).toBeVisible();
  const first = page.url();
  refused = false;
  await page.getByRole("button", { name: "Retry 1 failed row" }).click();
  await page.waitForURL((url) => url.href !== first);
  await expect(page.getByText("Modification finished: 1 user updated", { exact: false })).toBeVisible();
});

test("two jobs that change the same users warn of each other", async ({ page, server, session }) => {
  const prefix = `both-${RUN}`;
  // Enough for the first job to be at work until the end of the test, on a slow machine too.
  const rows = Array.from({ length: 9_000 }, (_, row) => `${prefix}-${row}`).join("\n");
  const file = { name: "first.csv", mimeType: "text/csv", buffer: Buffer.from(`username\n${rows}\n`) };
  const { id } = (await (await session.api.post("/api/jobs", { multipart: { options: "{}", file } })).json()) as { id: string };
  await page.goto(`${server.origin}/modify`);
  await choose(page, "second.csv", `username,title\n${prefix}-1,Director\n${prefix}-2,Director\n`);
  await expect(page.getByText("Another job is changing users")).toBeVisible();
  await page.getByRole("button", { name: "Modify up to 2 users" }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]+$/);
  await expect(page.getByText(/2 users of this job are also in another one/)).toBeVisible();
  await look(page, "same-users");
  await page.getByRole("link", { name: "Open that job" }).click();
  await page.waitForURL(`**/jobs/${id}`);
  await expect(page.getByText(/2 users of this job are also in another one/)).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Cancel the import" }).click();
  await expect(page.getByText(/^Cancelled after [\d,]+ of 9,000 rows$/)).toBeVisible();
});

async function titlesOf(session: Awaited<ReturnType<typeof signIn>>, prefix: string): Promise<(string | undefined)[]> {
  const data = { kind: "export", attributes: ["username", "title"], format: "ndjson", filter: `username sw "${prefix}"` };
  const { id } = (await (await session.api.post("/api/jobs", { data })).json()) as { id: string };
  let text = "";
  await expect.poll(async () => (text = await (await session.api.get(`/api/jobs/${id}/file`)).text())).toContain(prefix);
  return text.trim().split("\n").map((line) => (JSON.parse(line) as { title?: string }).title);
}
