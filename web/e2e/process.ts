import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "../..");
const GRACE_MS = 5_000;

/** The newest build of one of our programs, or that in the directory that PROGRAMS names. */
export function program(name: string): string {
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  const directories = process.env.PROGRAMS ? [process.env.PROGRAMS] : ["release", "debug"].map((profile) => join(target, profile));
  const builds = directories.map((directory) => join(directory, name)).filter(existsSync);
  const [newest] = builds.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (!newest) throw new Error(`${name} is not built; run: cargo build --release -p ${name}`);
  return newest;
}

export interface Started {
  /** The first line on stdout that the predicate wanted. */
  line: string;
  stop(): Promise<void>;
}

/** Starts a program and waits for the line on its stdout that says that it is ready. */
export async function start(
  command: string,
  args: string[],
  ready: (line: string) => boolean,
  env: Record<string, string> = {},
): Promise<Started> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const line = await firstLine(child, ready).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  return { line, stop: () => stop(child) };
}

async function firstLine(child: ChildProcess, ready: (line: string) => boolean): Promise<string> {
  const { stdout } = child;
  if (!stdout) throw new Error("the program has no stdout");
  const failed = once(child, "error").then(([error]: unknown[]) => Promise.reject(error as Error));
  const wanted = (async () => {
    for await (const line of createInterface(stdout)) if (ready(line)) return line;
    throw new Error(`${child.spawnfile} ended before it was ready`);
  })();
  const line = await Promise.race([wanted, failed]);
  // What it prints from now on must not fill the pipe.
  stdout.resume();
  return line;
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await ended;
  clearTimeout(timer);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
