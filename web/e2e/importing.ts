import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, type Page, test } from "@playwright/test";

import { jobOf, ledgerOf, type Session } from "./session";
import type { Users } from "./users";

type Tier = "websocket" | "long-polling" | "periodic" | "offline";

const END_MS = 120_000;

/** Chooses the file in the page and starts the import; returns the job's id. */
export async function startImport(page: Page, origin: string, users: Users): Promise<string> {
  await page.goto(origin);
  const file = { name: users.name, mimeType: "text/csv", buffer: Buffer.from(users.csv) };
  await page.locator("input[type=file]").setInputFiles(file);
  await page.getByRole("button", { name: /^Import [\d,]+ users$/ }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]+$/);
  await recordProcessed(page);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

export async function expectTier(page: Page, tier: Tier): Promise<void> {
  await expect(page.getByTestId("connection")).toHaveAttribute("data-tier", tier);
}

export async function processed(page: Page): Promise<number> {
  return figure(await page.getByTestId("processed").innerText());
}

/** Waits for the end, and compares the page, the job and the ledger with what the file must give. */
export async function expectTruth(page: Page, session: Session, id: string, users: Users): Promise<void> {
  await expect(page.getByText("Import finished", { exact: false })).toBeVisible({ timeout: END_MS });
  await onlyOnce(() => expectOutcomes(page, session, id, users));
}

async function expectOutcomes(page: Page, session: Session, id: string, users: Users): Promise<void> {
  const { total, created, skipped, failed } = users;
  const truth = { created, skipped, failed };
  for (const [outcome, expected] of Object.entries(truth)) {
    await expect(page.getByTestId(`count-${outcome}`)).toHaveText(expected.toLocaleString("en-US"));
  }
  await expect(page.getByTestId("processed")).toHaveText(total.toLocaleString("en-US"));
  expect(await jobOf(session, id)).toMatchObject({ status: "completed", total, processed: total, ...truth });
  await expectLedger(session, id, users);
  await expectNoStepBack(page);
}

/**
 * A failure of `check` is one of the whole test, which a second attempt must not make good: that a machine is slow
 * explains no event that was lost or repeated.
 */
async function onlyOnce(check: () => Promise<void>): Promise<void> {
  const info = test.info();
  const note = join(info.project.outputDir, `untrue-${info.testId}.txt`);
  if (existsSync(note)) throw new Error(`the first attempt was not only slow: ${readFileSync(note, "utf8")}`);
  try {
    await check();
  } catch (error) {
    mkdirSync(info.project.outputDir, { recursive: true });
    writeFileSync(note, String(error));
    throw error;
  }
}

async function expectLedger(session: Session, id: string, users: Users): Promise<void> {
  const ledger = await ledgerOf(session, id);
  expect(ledger.map(({ row }) => row)).toEqual(Array.from({ length: users.total }, (_, index) => index + 1));
  for (const outcome of ["created", "skipped", "failed"] as const) {
    expect(ledger.filter((row) => row.outcome === outcome)).toHaveLength(users[outcome]);
  }
}

/** Notes every figure that the page ever shows for the processed rows. */
async function recordProcessed(page: Page): Promise<void> {
  await page.getByTestId("processed").waitFor();
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    const note = () => seen.push(document.querySelector('[data-testid="processed"]')?.textContent ?? "");
    note();
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

/** Counts that went back would mean that something had been counted twice, or that old news came after new. */
async function expectNoStepBack(page: Page): Promise<void> {
  const texts = await page.evaluate(() => (globalThis as unknown as { seen?: string[] }).seen ?? []);
  const figures = texts.filter(Boolean).map(figure);
  expect(figures).toEqual([...figures].sort((a, b) => a - b));
}

function figure(text: string): number {
  return Number(text.replaceAll(",", ""));
}
