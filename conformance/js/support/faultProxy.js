// Starts the proxy of `crates/testkit` that breaks connections on demand.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { dirname, join } from "node:path";
import { binary as server } from "./server.js";

const binary = process.env.FAULT_PROXY ?? join(dirname(server), "fault-proxy");

/**
 * Starts a proxy in front of a server.
 *
 * @param {string} upstream the server's URL
 * @returns {Promise<{url: string, tell: (command: object | string) => Promise<object>, stats: () => Promise<object>, stop: () => Promise<void>}>}
 */
export async function startFaultProxy(upstream) {
  const child = spawn(binary, ["--upstream", new URL(upstream).host], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { listen } = JSON.parse((await lines.next()).value);
  let last = Promise.resolve();
  /** Gives the proxy one line of `crates/testkit/src/proxy/control.rs`, and waits until it is obeyed. */
  const tell = (command) =>
    (last = last.then(async () => {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      const answer = JSON.parse((await lines.next()).value);
      if (!answer.ok) throw new Error(answer.error);
      return answer;
    }));
  /** What it has done so far. */
  const stats = async () => (await tell("stats")).stats;
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { url: `http://${listen}`, tell, stats, stop };
}
