// The three clients, each as something that can be asked what it has seen.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { io } from "socket.io-client";
import { Adaptive } from "socketio-adaptive";
import { binary } from "../support/server.js";
import { watch } from "./watch.js";

/** What a browser would say of the network; Node.js says nothing. */
const network = new EventTarget();
globalThis.addEventListener = network.addEventListener.bind(network);
globalThis.removeEventListener = network.removeEventListener.bind(network);

async function inNode(url) {
  const { socket, ticks, tier, say } = watch({ io, Adaptive }, url);
  const online = async () => network.dispatchEvent(new Event("online"));
  return { ticks: async () => ticks(), tier: async () => tier(), say: async () => say(), online, close: async () => socket.disconnect() };
}

/** `conformance watch`: our client in Rust. */
async function inRust(url) {
  const child = spawn(binary, ["watch", "--url", url], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const ticks = [];
  let tier = null;
  createInterface(child.stdout).on("line", (line) => {
    const said = JSON.parse(line);
    if (Array.isArray(said)) ticks.push(said);
    else tier = said;
  });
  const close = async () => {
    child.stdin.end();
    await ended;
  };
  const tell = async (line) => child.stdin.write(`${line}\n`);
  return { ticks: async () => ticks, tier: async () => tier, say: () => tell("say"), online: () => tell("online"), close };
}

const CLIENT = "/socket.io/socket.io.min.js";
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
let browser = null;

/** A page of its own in one Chromium, with the client and the transport from script tags. */
async function inChromium(url) {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url + CLIENT);
  const transport = await readFile(fileURLToPath(import.meta.resolve("socketio-adaptive/umd")), "utf8");
  await page.setContent(`<!doctype html><script src="${CLIENT}"></script><script>${transport}</script>`);
  await page.evaluate(`void (globalThis.watched = (${watch})({ io, Adaptive }, location.origin))`);
  return {
    ticks: () => page.evaluate(() => globalThis.watched.ticks()),
    tier: () => page.evaluate(() => globalThis.watched.tier()),
    say: () => page.evaluate(() => globalThis.watched.say()),
    online: () => page.evaluate(() => dispatchEvent(new Event("online"))),
    close: () => context.close(),
  };
}

export const clients = [
  { name: "Rust", open: inRust },
  { name: "npm package in Node.js", open: inNode },
  { name: "npm package in Chromium", open: inChromium },
];

export const closeBrowser = async () => browser?.close();
