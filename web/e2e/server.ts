import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Refuses, startGuard } from "./guard";
import { freePort, program, start } from "./process";

/** Users per second that the simulated PingOne allows: slow enough for something to happen in the middle of a run. */
const RATE = "150";
const LATENCY = "20..60";

export interface Running {
  /** Origin of the server itself, with nothing in between. */
  origin: string;
  loginUrl: string;
  stop(): Promise<void>;
}

export async function startServer(): Promise<Running> {
  const { BASE_URL, LOGIN_URL } = process.env;
  if (BASE_URL && LOGIN_URL) {
    return { origin: new URL(BASE_URL).origin, loginUrl: LOGIN_URL, stop: () => Promise.resolve() };
  }
  return await startOwn();
}

/** How a server of a test's own differs from the shared one. */
interface Own {
  /** Users per second that its PingOne allows; without it, as many as come. */
  rate?: string;
  /** What its worker application may not do at PingOne. */
  refuses?: Refuses;
}

interface SimulatorLine {
  api: string;
  auth: string;
  environment: string;
  client_id: string;
  client_secret: string;
}

/** A server with a PingOne that nobody else uses. */
export async function startEmpty(own: Own): Promise<Running & AsyncDisposable> {
  const server = await startOwn(own);
  return { ...server, [Symbol.asyncDispose]: () => server.stop() };
}

async function startOwn({ rate, refuses }: Own = { rate: RATE }): Promise<Running> {
  const data = mkdtempSync(join(tmpdir(), "pingone-import-e2e-"));
  const limit = rate === undefined ? [] : ["--rate-limit", rate, "--latency", LATENCY];
  const simulator = await start(program("pingone-sim"), ["--listen", "127.0.0.1:0", ...limit], (line) => line.startsWith("{"));
  const pingone = JSON.parse(simulator.line) as SimulatorLine;
  const guard = refuses && (await startGuard(new URL(pingone.api).origin, refuses));
  const port = await freePort();
  const server = await start(
    program("pingone-import"),
    ["serve", "--listen", `127.0.0.1:${port}`, "--data-dir", data],
    (line) => line.includes("/login?token="),
    {
      PINGONE_API_URL: guard ? `${guard.origin}/v1` : pingone.api,
      PINGONE_AUTH_URL: pingone.auth,
      PINGONE_ENVIRONMENT_ID: pingone.environment,
      PINGONE_CLIENT_ID: pingone.client_id,
      PINGONE_CLIENT_SECRET: pingone.client_secret,
    },
  ).catch(async (error: unknown) => {
    await guard?.stop();
    await simulator.stop();
    throw error;
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    loginUrl: /http\S+\/login\?token=\S+/.exec(server.line)?.[0] ?? "",
    async stop() {
      await server.stop();
      await guard?.stop();
      await simulator.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
