import type { Page } from "@playwright/test";

import { downloaded } from "./download";
import { expect, test } from "./harness";
import { look } from "./look";
import { startEmpty } from "./server";
import { createPopulation, importUsers, type Session, signIn, usernames } from "./session";

const RUN = Date.now().toString(36);

async function people(session: Session, prefix: string, total: number): Promise<string> {
  const population = `Doomed ${prefix}`;
  await createPopulation(session, population);
  const rows = Array.from({ length: total }, (_, row) => `${prefix}-${row},${prefix}-${row}@example.com`);
  await importUsers(session, `username,email\n${rows.join("\n")}\n`, { population });
  return population;
}

async function plan(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Plan the deletion" }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]+$/);
}

// Each state is looked at in both colour schemes, which takes its time on a busy machine.
test.slow();

test("a population is planned, refused a wrong confirmation, backed up, and deleted", async ({ page, server, session }) => {
  const prefix = `gone-${RUN}`;
  const population = await people(session, prefix, 40);
  await page.goto(`${server.origin}/delete`);
  await page.getByRole("radio", { name: "The users of one population" }).check();
  await page.getByRole("combobox", { name: "Population" }).click();
  await page.getByRole("option", { name: population }).click();
  await page.getByRole("textbox", { name: "Protected users" }).fill(`${prefix}-7\n${prefix}-8`);
  await expect(page.getByText("2 users are protected")).toBeVisible();
  await look(page, "delete");
  await plan(page);
  await expect(page.getByText(/^Plan finished in .*: 38 users would be deleted$/)).toBeVisible();
  await expect(page.getByTestId("count-skipped")).toHaveText("2");
  await page.getByText("Would be skipped 2").click();
  await expect(page.getByRole("row", { name: `${prefix}-7` })).toContainText("PROTECTED");
  await expect(page.getByRole("button", { name: "Delete 38 users" })).toBeDisabled();
  await page.getByRole("checkbox", { name: `Delete the population ${population}, too` }).check();
  const confirmation = page.getByRole("textbox", { name: `To confirm, type delete 38 users of ${population}` });
  await confirmation.fill("delete 38 users");
  await page.getByRole("button", { name: "Delete 38 users" }).click();
  await expect(page.getByText("That is not the sentence above. Nobody was deleted.")).toBeVisible();
  await look(page, "delete-plan");
  expect(await usernames(session, `username sw "${prefix}"`)).toHaveLength(40);
  const planned = page.url();
  await confirmation.fill(`delete 38 users of ${population}`);
  await page.getByRole("button", { name: "Delete 38 users" }).click();
  await page.waitForURL((url) => url.href !== planned);
  await expect(page.getByText("Deletion finished: 38 users deleted", { exact: false })).toBeVisible();
  await expect(page.getByText(`The population ${population} stays, because somebody is in it.`)).toBeVisible();
  await look(page, "delete-job");
  const { name, text } = await downloaded(page, page.getByRole("link", { name: /^Download the backup, backup-/ }));
  expect(name).toMatch(/^backup-.*\.csv$/);
  expect(text.trim().split("\r\n")).toHaveLength(39);
  expect(await usernames(session, `username sw "${prefix}"`)).toEqual([`${prefix}-7`, `${prefix}-8`]);
  await page.goto(planned);
  await expect(page.getByText("This plan was carried out")).toBeVisible();
  await expect(page.getByRole("textbox")).toHaveCount(0);
});

test("the users of a file are deleted, and who is not there is said", async ({ page, server, session }) => {
  const prefix = `leaver-${RUN}`;
  await people(session, prefix, 3);
  await page.goto(`${server.origin}/delete`);
  const buffer = Buffer.from(`E-Mail,Remark\n${prefix}-0@example.com,left\n${prefix}-2@example.com,left\n${prefix}-9@example.com,never came\n`);
  await page.locator("input[type=file]").first().setInputFiles({ name: "leavers.csv", mimeType: "text/csv", buffer });
  await expect(page.getByText("This file names nobody as it is")).toBeVisible();
  await expect(page.getByRole("button", { name: "Plan the deletion" })).toBeDisabled();
  await look(page, "delete-bad-file");
  await page.getByRole("combobox", { name: "Match users by" }).click();
  await page.getByRole("option", { name: "E-mail address" }).click();
  await expect(page.getByRole("row", { name: "Remark" })).toContainText("Ignored");
  await plan(page);
  await expect(page.getByText(/2 users would be deleted/)).toBeVisible();
  await page.getByText("Would be skipped 1").click();
  await expect(page.getByRole("row", { name: `${prefix}-9@example.com` })).toContainText("NOT_FOUND");
  await page.getByRole("checkbox", { name: "Make a backup first" }).uncheck();
  await page.getByRole("textbox", { name: /^To confirm, type/ }).fill("delete 2 users");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Deletion finished: 2 users deleted", { exact: false })).toBeVisible();
  await expect(page.getByRole("link", { name: /^Download the backup/ })).toHaveCount(0);
  expect(await usernames(session, `username sw "${prefix}"`)).toEqual([`${prefix}-1`]);
});

test("a filter is refused with PingOne's reason, where it stands", async ({ page, server }) => {
  await page.goto(`${server.origin}/delete`);
  await page.getByRole("radio", { name: "The users who match a filter" }).check();
  await expect(page.getByText("A filter is given")).toBeVisible();
  await expect(page.getByRole("button", { name: "Plan the deletion" })).toBeDisabled();
  const filter = page.getByRole("textbox", { name: "Filter", exact: true });
  await filter.fill('username eq "a');
  await page.getByRole("button", { name: "Plan the deletion" }).click();
  await expect(filter).toHaveAccessibleDescription(/The filter cannot be used: /);
  await expect(page).toHaveURL(/\/delete$/);
});

test("a whole environment is emptied, but for who is protected, and a role that lacks deletes says so", async ({ page }) => {
  let refused = true;
  await using server = await startEmpty({ refuses: (method, path) => refused && method === "DELETE" && path.includes("/users/") });
  const session = await signIn(server);
  await page.context().addCookies(session.storage.cookies);
  await importUsers(session, "username\nada\nbob\neve\nadmin\n");
  await page.goto(`${server.origin}/delete`);
  await page.getByRole("radio", { name: "Every user of the environment" }).check();
  await expect(page.getByText("This empties the environment of its 4 users")).toBeVisible();
  // As Excel saves "Unicode text".
  const list = { name: "admins.txt", mimeType: "text/plain", buffer: Buffer.from('\ufeff"ADMIN"\r\n', "utf16le") };
  await page.getByLabel("File with protected users").setInputFiles(list);
  await expect(page.getByText("1 user is protected")).toBeVisible();
  await look(page, "delete-everybody");
  await plan(page);
  const sentence = await page.locator("code", { hasText: /^delete all 3 users of environment / }).innerText();
  await page.getByRole("textbox", { name: /^To confirm, type/ }).fill(sentence);
  await page.getByRole("button", { name: "Delete 3 users" }).click();
  await expect(page.getByTestId("count-failed")).toHaveText("3");
  await expect(page.getByRole("row", { name: "ada" })).toContainText("INSUFFICIENT_PERMISSIONS");
  await look(page, "delete-forbidden");
  expect(await usernames(session)).toHaveLength(4);
  refused = false;
  await page.getByRole("link", { name: "Plan again" }).click();
  await expect(page.getByRole("radio", { name: "Every user of the environment" })).toBeChecked();
  await expect(page.getByRole("textbox", { name: "Protected users" })).toHaveValue("ADMIN");
  await plan(page);
  await page.getByRole("textbox", { name: /^To confirm, type/ }).fill(sentence);
  await page.getByRole("button", { name: "Delete 3 users" }).click();
  await expect(page.getByText("Deletion finished: 3 users deleted", { exact: false })).toBeVisible();
  expect(await usernames(session)).toEqual(["admin"]);
});
