import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { exchange } from "./exchange.js";

const bundle = fileURLToPath(import.meta.resolve("socketio-adaptive/umd"));
/** Playwright lets no page notice that it is in the background; here it shall. */
const AWAKE = ["--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding"];

/** Exchanges numbers from a tab that the browser treats as it treats those of people, with others before it or frozen. */
export async function openInTab(url) {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args, ignoreDefaultArgs: AWAKE });
  try {
    const tools = await browser.newBrowserCDPSession();
    const client = `${url}/socket.io/socket.io.min.js`;
    const { targetId } = await tools.send("Target.createTarget", { url: client });
    const tab = await attach(tools, targetId);
    const evaluate = async (expression) => {
      const { result, exceptionDetails } = await tab("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    };
    while ((await evaluate("location.href + document.readyState")) !== `${client}complete`);
    await evaluate(`${await (await fetch(client)).text()};`);
    await evaluate(`${await readFile(bundle, "utf8")};`);
    await evaluate(`void (globalThis.numbers = (${exchange})({ io, Adaptive }, location.origin))`);
    const call = (name, ...values) => evaluate(`numbers.${name}(${values.map((value) => JSON.stringify(value)).join()})`);
    return {
      reaches: (...values) => call("reaches", ...values),
      count: () => call("count"),
      more: (count) => call("more", count),
      finish: (count) => call("finish", count),
      online: () => evaluate('void dispatchEvent(new Event("online"))'),
      visibility: () => evaluate("document.visibilityState"),
      /** Puts another tab before it. */
      hide: async () => {
        const other = await tools.send("Target.createTarget", { url: "about:blank" });
        await tools.send("Target.activateTarget", other);
      },
      show: () => tools.send("Target.activateTarget", { targetId }),
      freeze: (frozen) => tab("Page.setWebLifecycleState", { state: frozen ? "frozen" : "active" }),
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** Gives what sends a command to a target and resolves with its answer. */
async function attach(tools, targetId) {
  const { sessionId } = await tools.send("Target.attachToTarget", { targetId, flatten: false });
  const waiting = new Map();
  tools.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result, error } = JSON.parse(message);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error) reject?.(new Error(error.message));
    else resolve?.(result);
  });
  let last = 0;
  return (method, params = {}) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      tools.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id: last, method, params }) }).catch(reject);
    });
}
