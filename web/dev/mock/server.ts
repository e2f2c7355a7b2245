import type { IncomingMessage } from "node:http";

import type { Health, Preview } from "../../src/api/types";
import { MockJob } from "./job";
import { MISSPELT } from "./preview";

/** What the pretended network and server are like; `/mock?key=value` changes it. */
export const settings = {
  sockets: "all" as "all" | "polling" | "none",
  session: "yes" as "yes" | "no",
  health: "healthy" as Health["status"],
  rows: 12_480,
  rate: 850,
};

export const jobs = new Map<string, MockJob>();

interface Answer {
  status?: number;
  body: unknown;
  type?: string;
}

/** The API of the contract, just enough of it to look at the page. */
export async function answer(request: IncomingMessage, url: URL): Promise<Answer> {
  if (url.pathname === "/api/health") return { status: settings.health === "critical" ? 503 : 200, body: health() };
  if (settings.session === "no") return problem(401, "not_logged_in", "Nobody is logged in.");
  const [, , resource = "", id = "", verb = ""] = url.pathname.split("/");
  if (resource === "jobs" && id !== "") return ofJob(id, verb, url);
  const upload = request.method === "POST" ? await body(request) : "";
  switch (`${request.method ?? ""} ${resource}`) {
    case "GET session":
      return { body: { version: "0.1.0", user: { name: "admin", role: "administrator" }, public_url: null } };
    case "GET connection":
      return { body: { simulator: true, environment: "9d1f3a52-6a5e-4f1a-9a0e-5a1f2f6f7c11", region: null, api_host: "127.0.0.1" } };
    case "GET populations":
      return { body: populations };
    case "GET jobs":
      return { body: [...jobs.values()].reverse().slice(0, Number(url.searchParams.get("limit") ?? 100)).map(({ job }) => job) };
    case "POST preview":
      return { body: previewOf(upload) };
    case "POST protected":
      return { body: { names: namesIn(upload) } };
    case "POST jobs":
      return { status: 201, body: { id: create(upload) } };
    default:
      return problem(404, "not_found", "There is no such endpoint.");
  }
}

const populations = [
  { id: "p0", name: "Contractors", default: false, user_count: 312 },
  { id: "p1", name: "Staff", default: true, user_count: 10_482 },
  { id: "p2", name: "Test", default: false, user_count: 0 },
];

function ofJob(id: string, verb: string, url: URL): Answer {
  const found = jobs.get(id);
  if (!found) return problem(404, "job_not_found", `There is no job ${id}. The list of recent imports shows which there are.`);
  const number = (name: string, otherwise: number) => Number(url.searchParams.get(name) ?? otherwise);
  switch (verb) {
    case "pause":
    case "resume":
    case "cancel":
      found[verb]();
      return { body: found.job };
    case "events":
      return { body: page(found, number("after", 0)) };
    case "rows":
      return { body: rows(found, url.searchParams.get("outcome"), number("after", 0), number("limit", 100)) };
    default:
      return { body: found.job };
  }
}

function page(job: MockJob, after: number) {
  const events = job.events.slice(after, after + 500);
  const last_seq = events.at(-1)?.seq ?? after;
  return { job: job.job.id, events, last_seq, done: events.at(-1)?.type === "completion", poll_after_ms: 1_000 };
}

function rows({ ledger }: MockJob, outcome: string | null, after: number, limit: number) {
  const found = ledger.filter((row) => row.row > after && (outcome === null || row.outcome === outcome));
  const shown = found.slice(0, limit);
  return { rows: shown, next: found.length > limit ? (shown.at(-1)?.row ?? null) : null };
}

function create(upload: string): string {
  const file = /filename="([^"]*)"/.exec(upload)?.[1] ?? "users.csv";
  const made = new MockJob(file, settings.rows, upload.includes('"dry_run":true'), settings.rate);
  jobs.set(made.job.id, made);
  return made.job.id;
}

function previewOf(upload: string): Preview {
  if (!upload.includes("userNmae")) return { ...MISSPELT, invalid: 0, duplicates: 0, problems: [], columns: MISSPELT.columns.slice(1, 5), valid: MISSPELT.total };
  const ignore = upload.includes('"ignore_unknown_columns":true');
  const columns = MISSPELT.columns.map((column) => (ignore && column.status === "unknown" ? { ...column, status: "ignored" as const } : column));
  return { ...MISSPELT, columns };
}

/** The lines of the file, which is the last part of the form. */
function namesIn(upload: string): string[] {
  const [, content = ""] = upload.slice(upload.indexOf('name="file"')).split("\r\n\r\n");
  const lines = content.slice(0, content.lastIndexOf("\r\n--")).split(/\r?\n/);
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

function health(): Health {
  const ok = settings.health === "healthy";
  const tier = (works: boolean) => ({ ok: works, supported: true, ms: works ? 4 : null, detail: works ? "data both ways" : "the upgrade was refused" });
  return {
    status: settings.health,
    version: "0.1.0",
    uptime_seconds: 5_000,
    checked_at: new Date().toISOString(),
    tiers: { websocket: tier(ok), polling: tier(true), adaptive: { ...tier(false), supported: false }, direct: tier(ok) },
    causes: ok ? [] : [{ code: "upgrade_refused", tier: "websocket", message: "The WebSocket upgrade was refused.", doc: "docs/troubleshooting.md#upgrade-refused" }],
  };
}

function problem(status: number, code: string, detail: string): Answer {
  const titles: Record<number, string> = { 401: "Not logged in", 404: "Not found" };
  return { status, type: "application/problem+json", body: { type: "about:blank", title: titles[status], status, code, detail } };
}

async function body(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
