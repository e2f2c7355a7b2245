import { type APIRequestContext, request } from "@playwright/test";

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
