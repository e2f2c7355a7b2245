import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { exchange } from "./exchange.js";

const bundle = fileURLToPath(import.meta.resolve("socketio-adaptive/umd"));
const CLIENT = "/socket.io/socket.io.min.js";

/** Exchanges numbers from a page at `url` that has the client and the transport from script tags. */
export async function openInChromium(url) {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
  try {
    const page = await browser.newPage();
    // A page that did not come from the server itself might not reach it, as browsers protect local addresses.
    await page.goto(url + CLIENT);
    const transport = await readFile(bundle, "utf8");
    await page.setContent(`<!doctype html><script src="${CLIENT}"></script><script>${transport}</script>`);
    const tools = await page.context().newCDPSession(page);
    const listeners = [];
    await page.exposeFunction("changed", (state) => listeners.forEach((listener) => listener(state)));
    await page.evaluate(`void (globalThis.numbers = (${exchange})({ io, Adaptive }, location.origin))`);
    await page.evaluate(() => void globalThis.numbers.onChange(globalThis.changed));
    return {
      reaches: (tiers, count) => page.evaluate((args) => globalThis.numbers.reaches(...args), [tiers, count]),
      count: () => page.evaluate(() => globalThis.numbers.count()),
      more: (count) => page.evaluate((count) => globalThis.numbers.more(count), count),
      silence: (milliseconds) => page.evaluate((milliseconds) => globalThis.numbers.silence(milliseconds), milliseconds),
      finish: (count) => page.evaluate((count) => globalThis.numbers.finish(count), count),
      onChange: (listener) => listeners.push(listener),
      online: () => page.evaluate(() => dispatchEvent(new Event("online"))),
      /** Takes the network away from the page, as far as the browser can, or gives it back. */
      offline: (offline) => page.context().setOffline(offline),
      /** Asks the browser for something that only its developer tools can do. */
      ask: (method, parameters) => tools.send(method, parameters),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
