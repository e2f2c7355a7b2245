import { expect, test } from "./harness";
import { look } from "./look";
import { startEmpty } from "./server";
import { createPopulation, importUsers, signIn, usernames } from "./session";

// Each state is looked at in both colour schemes, which takes its time on a busy machine.
test.slow();

test("created, renamed, made the default, and deleted while empty", async ({ page }) => {
  await using server = await startEmpty({});
  const session = await signIn(server);
  await page.context().addCookies(session.storage.cookies);
  await importUsers(session, "username\nada\nbob\n");
  await page.goto(server.origin);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Populations" }).click();
  const row = (name: string) => page.getByRole("row", { name });
  await expect(row("Default")).toContainText("2");
  await page.getByRole("button", { name: "New population" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Contractors");
  await page.getByRole("textbox", { name: "Description (optional)" }).fill("People of other companies");
  await look(page, "population-new");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Create population" }).click();
  await expect(row("Contractors")).toContainText("People of other companies");
  await page.getByRole("button", { name: "New population" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Contractors");
  await page.getByRole("button", { name: "Create population" }).click();
  await expect(page.getByRole("alert")).toContainText("PingOne refuses this");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Rename Contractors" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Partners");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(row("Partners")).toContainText("People of other companies");
  await page.getByRole("button", { name: "Make default Partners" }).click();
  await expect(row("Partners").getByText("Default", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Make default Default" }).click();
  await expect(page.getByRole("button", { name: "Make default Partners" })).toBeVisible();
  await look(page, "populations");
  await page.getByRole("button", { name: "Delete Partners" }).click();
  await page.getByRole("button", { name: "Delete the population" }).click();
  await expect(row("Partners")).toHaveCount(0);
});

test("deleted with its users, as a job that is confirmed", async ({ page }) => {
  await using server = await startEmpty({});
  const session = await signIn(server);
  await page.context().addCookies(session.storage.cookies);
  await createPopulation(session, "Leavers");
  await importUsers(session, "username,population\nada,Default\nbob,Leavers\neve,Leavers\n");
  await page.goto(`${server.origin}/populations`);
  await page.getByRole("button", { name: "Delete Leavers" }).click();
  await expect(page.getByText("It has 2 users", { exact: false })).toBeVisible();
  await look(page, "population-delete");
  await page.getByRole("link", { name: "Plan to delete it with its users" }).click();
  await expect(page.getByRole("combobox", { name: "Population" })).toHaveValue(/Leavers/);
  await expect(page.getByRole("checkbox", { name: "Delete the population, too" })).toBeChecked();
  await page.getByRole("button", { name: "Plan the deletion" }).click();
  await page.getByRole("textbox", { name: "To confirm, type delete 2 users of Leavers" }).fill("delete 2 users of Leavers");
  await expect(page.getByRole("checkbox", { name: "Delete the population Leavers, too" })).toBeChecked();
  await page.getByRole("button", { name: "Delete 2 users" }).click();
  await expect(page.getByText("Deletion finished: 2 users deleted", { exact: false })).toBeVisible();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Populations" }).click();
  await expect(page.getByRole("row", { name: /^Default/ })).toContainText("1");
  await expect(page.getByRole("row", { name: "Leavers" })).toHaveCount(0);
  expect(await usernames(session)).toEqual(["ada"]);
});

test("without permission it says whose is missing, and nothing else changes", async ({ page }) => {
  await using server = await startEmpty({ refuses: (method, path) => method !== "GET" && path.includes("/populations") });
  await page.context().addCookies((await signIn(server)).storage.cookies);
  await page.goto(`${server.origin}/populations`);
  await page.getByRole("button", { name: "New population" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Contractors");
  await page.getByRole("button", { name: "Create population" }).click();
  await expect(page.getByRole("alert")).toContainText("The population was not created");
  await expect(page.getByRole("alert")).toContainText("Identity Data Admin");
  await look(page, "population-forbidden");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("row", { name: "Contractors" })).toHaveCount(0);
});
