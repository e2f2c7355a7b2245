import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";

export const target = new URL("../../../target/", import.meta.url);

/** A program of this workspace, the release build if there is one. */
export function program(name) {
  const paths = ["release", "debug"].map((profile) => new URL(`${profile}/${name}`, target).pathname);
  const path = paths.find((path) => existsSync(path));
  if (!path) throw new Error(`${name} is not built: cargo build --release -p ${name === "fault-proxy" ? "testkit" : name}`);
  return path;
}

/** Starts a program; gives its first line and what stops it. */
export async function start(name, args) {
  const child = spawn(program(name), args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const first = (await lines.next()).value;
  const stop = async () => {
    child.kill();
    await once(child, "exit");
  };
  return { child, lines, first, stop };
}

/** The proxy with faults, in front of a server. */
export async function startProxy(url) {
  const { child, lines, first, stop } = await start("fault-proxy", ["--upstream", new URL(url).host]);
  const tell = async (command) => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    const answer = JSON.parse((await lines.next()).value);
    if (!answer.ok) throw new Error(answer.error);
    return answer;
  };
  return {
    url: `http://${JSON.parse(first).listen}`,
    set: (faults) => tell({ set: faults }),
    cut: async () => {
      await tell({ cut: "websocket" });
      await tell({ cut: "http" });
    },
    stop,
  };
}
