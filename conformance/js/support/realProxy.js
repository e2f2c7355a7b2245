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
  const started = once(createInterface(child.stdout), "line");
  const [line] = await Promise.race([started, ended]);
  if (typeof line !== "string") throw new Error(`the proxy did not start: ${options.join(" ")}`);
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { url: line.replace("listening on ", ""), reload: () => child.stdin.write("reload\n"), stop };
}
