// Starts one of the servers in `conformance/src` on a free port and stops it again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const built = fileURLToPath(new URL("../../../target/release/conformance", import.meta.url));
export const binary = process.env.CONFORMANCE ?? built;

/**
 * Starts a server and waits until it listens.
 *
 * @param {string} name a subcommand: "engine", "socket" or "bench"
 * @param {string[]} options further command-line options
 * @param {string} port a port of 127.0.0.1; by default a free one
 * @returns {Promise<{url: string, stop: () => Promise<void>}>}
 */
export function startServer(name, options = [], port = "0") {
  return start(binary, [name, "--port", port, ...options]);
}

/**
 * Starts a reference server, one of `servers/`, in the same way.
 *
 * @param {string} name "engine" or "socket"
 * @param {string[]} options further command-line options
 */
export function startReference(name, options = []) {
  const script = fileURLToPath(new URL(`../servers/${name}.js`, import.meta.url));
  return start(process.execPath, [script, ...options]);
}

async function start(program, args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const started = once(createInterface(child.stdout), "line").then(([line]) => line);
  const line = await Promise.race([started, ended.then(([code]) => `ended with ${code}`)]);
  const address = /^listening on (\S+)$/.exec(line);
  if (!address) {
    child.kill();
    throw new Error(`the server did not start: ${line}`);
  }
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { url: address[1], stop };
}
