// Starts nginx, HAProxy or Squid, as `conformance/src/proxies/` sets them up.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { binary } from "./server.js";

/**
 * @param {string} upstream the server's URL
 * @param {string[]} options those of `conformance proxy`
 */
export async function startRealProxy(upstream, options) {
  const args = ["proxy", "--upstream", new URL(upstream).host, ...options];
  const child = spawn(binary, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface(child.stdout);
  const next = () => Promise.race([once(lines, "line"), ended]).then(([line]) => line);
  const line = await next();
  if (typeof line !== "string") throw new Error(`the proxy did not start: ${options.join(" ")}`);
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  /** How often nginx has ended a connection because the server was silent. */
  const cuts = () => {
    child.stdin.write("cuts\n");
    return next().then(Number);
  };
  return { url: line.replace("listening on ", ""), reload: () => child.stdin.write("reload\n"), cuts, stop };
}
