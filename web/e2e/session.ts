import { type APIRequestContext, type APIResponse, expect, request } from "@playwright/test";

import type { Job, LedgerRow } from "../src/api/types";
import type { Running } from "./server";

/** A logged-in way to the server itself, past every proxy: where the truth is looked up. */
export interface Session {
  storage: Awaited<ReturnType<APIRequestContext["storageState"]>>;
  api: APIRequestContext;
}

export async function signIn({ origin, loginUrl }: Running): Promise<Session> {
  const api = await request.newContext({ baseURL: origin });
  const answer = await api.get(loginUrl);
  if (!answer.ok()) throw new Error(`the login link was answered with ${answer.status()}`);
  return { api, storage: await api.storageState() };
}

export async function jobOf({ api }: Session, id: string): Promise<Job> {
  const answer = await api.get(`/api/jobs/${id}`);
  return (await answer.json()) as Job;
}

/** The whole ledger, page by page. */
export async function ledgerOf({ api }: Session, id: string): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  let after: number | null = 0;
  while (after !== null) {
    const answer = await api.get(`/api/jobs/${id}/rows`, { params: { after, limit: 500 } });
    const page = (await answer.json()) as { rows: LedgerRow[]; next: number | null };
    rows.push(...page.rows);
    after = page.next;
  }
  return rows;
}

/** Imports a file past the page, and waits until that is done. */
export async function importUsers(session: Session, csv: string, options: object = {}): Promise<Job> {
  const file = { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(csv) };
  const multipart = { options: JSON.stringify(options), file };
  const { id } = (await expectJson(session.api.post("/api/jobs", { multipart }))) as { id: string };
  return await finished(session, id);
}

/** Creates a population past the page; returns its id. */
export async function createPopulation({ api }: Session, name: string): Promise<string> {
  const { id } = (await expectJson(api.post("/api/populations", { data: { name } }))) as { id: string };
  return id;
}

/** The usernames that PingOne has for a filter, as an export tells them. */
export async function usernames(session: Session, filter?: string): Promise<string[]> {
  const data = { kind: "export", attributes: ["username"], format: "ndjson", ...(filter === undefined ? {} : { filter }) };
  const { id } = (await expectJson(session.api.post("/api/jobs", { data }))) as { id: string };
  await finished(session, id);
  const lines = (await (await session.api.get(`/api/jobs/${id}/file`)).text()).split("\n").filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { username: string }).username);
}

async function finished(session: Session, id: string): Promise<Job> {
  await expect.poll(async () => (await jobOf(session, id)).status, { timeout: 60_000 }).toBe("completed");
  return await jobOf(session, id);
}

async function expectJson(pending: Promise<APIResponse>): Promise<unknown> {
  const answer = await pending;
  expect(answer.ok(), await answer.text()).toBe(true);
  return await answer.json();
}
