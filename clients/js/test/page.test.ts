/** What a browser does to a page, and a computer to its clocks. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { FakeEngine } from "./support/client.js";
import { FakeNetwork } from "./support/network.js";
import { FakePage, sleep } from "./support/page.js";

const TIERS = ["websocket", "long-poll", "periodic"] as const;

let network: FakeNetwork;
let engine: FakeEngine;
let page: FakePage;

beforeEach(() => {
  vi.useFakeTimers();
  network = new FakeNetwork();
  page = new FakePage();
});

afterEach(async () => {
  engine.transport.close();
  await pass(30_000);
  expect(vi.getTimerCount()).toBe(0);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const tiers = () => engine.status.switches.map(({ to }) => to);

async function opened(options = {}): Promise<void> {
  engine = new FakeEngine(network, options);
  await pass(400);
  expect(engine.transport.readyState).toBe("open");
}

describe("the wall clock", () => {
  test.each(TIERS)("may be set forward or back: %s is not silent for that", async (tier) => {
    await opened({ tiers: [tier] });
    engine.status.expectEvents(true);
    for (const step of [3_600_000, -7_200_000, 10_000, 2_000, 86_400_000]) {
      await pass(7_300);
      vi.setSystemTime(Date.now() + step);
    }
    await pass(60_000);
    network.server.session.send("4there");
    await pass(1_100);
    expect(engine.messages).toEqual(["there"]);
    expect(tiers()).toEqual([tier]);
    expect(engine.ends).toEqual([]);
  });
});

describe.each([
  ["stands still", false],
  ["goes on", true],
])("a sleep in which the steady clock %s", (_, goesOn) => {
  test.each(TIERS)("is noticed: %s is given up if it did not live through it", async (tier) => {
    if (tier !== "websocket") network.websocket = "refused";
    if (tier === "periodic") network.longPoll = "silent";
    await opened();
    await pass(60_000);
    expect(engine.status.tier).toBe(tier);
    // Everything that is there is dead, and what is new works.
    network.websocket = tier === "websocket" ? "up" : "refused";
    network.http = tier === "websocket" ? "open" : "up";
    sleep(engine, 3_600_000, goesOn);
    await pass(5_000 + 4_000 + 100);
    expect(engine.status.lastSwitch?.to === tier && engine.status.phase === "open").toBe(false);
    network.http = "open";
    await pass(45_000);
    expect(engine.status.phase).toBe("open");
    expect(engine.ends).toEqual([]);
  });

  test("is a reason to try the better tiers", async () => {
    network.websocket = "refused";
    await opened();
    await pass(300_000);
    network.websocket = "open";
    sleep(engine, 300_000, goesOn);
    await pass(6_000);
    expect(engine.status.tier).toBe("websocket");
  });
});

test("a short sleep that the connection lives through is no switch", async () => {
  await opened();
  sleep(engine, 20_000, false);
  await pass(60_000);
  expect(tiers()).toEqual(["websocket"]);
});

describe("a page in the background, whose timers run once a minute", () => {
  test.each(TIERS)("keeps %s, and gets what comes", async (tier) => {
    await opened({ tiers: [tier] });
    engine.status.expectEvents(true);
    page.show(false);
    engine.isThrottled = true;
    for (let minute = 0; minute < 30; minute += 1) {
      network.server.session.send(`4${minute}`);
      // The server asks after half the liveness interval.
      for (let step = 0; step < 3; step += 1) {
        await pass(20_000);
        network.server.session.ask();
      }
    }
    expect(engine.messages).toHaveLength(30);
    expect(tiers()).toEqual([tier]);
    engine.isThrottled = false;
    engine.wake();
    page.show(true);
    network.websocket = "up";
    network.http = "up";
    await pass(3_000 + 2 * network.latency + 10);
    expect(engine.status.phase).toBe("switching");
    network.websocket = network.http = "open";
    await pass(10_000);
  });

  test("does not expect events, and does again when it is shown", async () => {
    await opened();
    engine.status.expectEvents(true);
    page.show(false);
    await pass(60_000);
    network.websocket = "up";
    await pass(20_000);
    expect(tiers()).toEqual(["websocket"]);
    page.show(true);
    await pass(3_100);
    expect(tiers()).toEqual(["websocket", "long-poll"]);
  });
});

describe("a page that goes away", () => {
  test("and may come back keeps its session", async () => {
    await opened();
    page.tell("pagehide", { persisted: true });
    await pass(20_000);
    page.tell("pageshow", { persisted: true });
    await pass(10_000);
    expect(page.farewells).toEqual([]);
    expect(tiers()).toEqual(["websocket"]);
    engine.send("here again");
    await pass(100);
    expect(network.server.session.messages).toEqual(["here again"]);
  });

  test("and comes back looks at once whether its connection is still there", async () => {
    await opened();
    page.tell("pagehide", { persisted: true });
    network.websocket = "up";
    page.tell("pageshow", { persisted: true });
    await pass(3_000 + 2 * network.latency + 100);
    expect(engine.status.lastSwitch).toMatchObject({ from: "websocket", cause: "silent" });
  });

  test("and is frozen meanwhile looks as well", async () => {
    await opened();
    network.websocket = "up";
    page.document.dispatchEvent(new Event("resume"));
    await pass(3_000 + 2 * network.latency + 100);
    expect(engine.status.lastSwitch).toMatchObject({ from: "websocket", cause: "silent" });
  });

  test("for good says goodbye with what is not acknowledged", async () => {
    await opened();
    engine.send("last €", "words");
    page.tell("pagehide", { persisted: false });
    expect(page.farewells).toHaveLength(1);
    const [farewell] = page.farewells;
    expect(Object.fromEntries(farewell?.query ?? [])).toMatchObject({ carrier: "long-poll", hold: "0", ack: "1" });
    expect(Number(farewell?.query.get("epoch"))).toBeGreaterThan(network.server.session.epoch);
    expect(farewell?.body).toBe("s1\x1e4last €\x1e4words\x1e1\x1e");
  });

  test("does not cut off what is on its WebSocket when not all of it fits", async () => {
    network.server.offer.window = 200_000;
    await opened();
    const messages = Array.from({ length: 100 }, () => "€".repeat(300));
    engine.send(...messages.slice(0, 60));
    page.tell("pagehide", { persisted: false });
    expect(page.farewells).toHaveLength(1);
    engine.transport.close();
    await opened();
    engine.send(...messages);
    page.tell("pagehide", { persisted: false });
    expect(page.farewells).toHaveLength(1);
    await pass(1_000);
    expect(network.server.session.received.length).toBeGreaterThan(0);
  });

  test("sends what fits where nothing is on its way", async () => {
    network.server.offer.window = 200_000;
    await opened({ tiers: ["periodic"] });
    await pass(1_000);
    engine.send(...Array.from({ length: 100 }, () => "€".repeat(300)));
    page.tell("pagehide", { persisted: false });
    const body = page.farewells[0]?.body ?? "";
    expect(body.startsWith("s1\x1e4€")).toBe(true);
    expect(body.endsWith("€\x1e")).toBe(true);
    const bytes = Buffer.byteLength(body);
    expect(bytes).toBeLessThanOrEqual(60_000);
    expect(bytes).toBeGreaterThan(58_000);
  });

  test("is silent when not even the first fits", async () => {
    await opened({ tiers: ["periodic"] });
    await pass(1_000);
    engine.send("x".repeat(70_000));
    page.tell("pagehide", { persisted: false });
    expect(page.farewells).toEqual([]);
  });
});

describe("what the browser says of the network", () => {
  /** What the Engine does, whose listener is there before the transport is made. */
  const closeOffline = (when: "open" | "opening") => {
    page.scope.addEventListener("offline", () => {
      if (engine.readyState === when) engine.close();
    });
  };

  test.each([
    ["page", false],
    ["worker", true],
  ])("offline ends nothing in a %s, however often", async (_, isWorker) => {
    page = new FakePage(isWorker);
    closeOffline("open");
    await opened();
    engine.readyState = "open";
    for (let round = 0; round < 3; round += 1) {
      page.tell("offline");
      await pass(20_000);
      expect(engine.readyState).toBe("open");
      page.tell("online");
      await pass(20_000);
    }
    engine.send("still here");
    await pass(100);
    expect(network.server.session.messages).toEqual(["still here"]);
    expect(tiers()).toEqual(["websocket"]);
    expect(engine.ends).toEqual([]);
  });

  test("offline does not end an opening", async () => {
    closeOffline("opening");
    engine = new FakeEngine(network);
    page.tell("offline");
    await pass(400);
    expect(engine.transport.readyState).toBe("open");
  });

  test("an application may close when it is offline", async () => {
    await opened();
    engine.readyState = "open";
    page.scope.addEventListener("offline", () => engine.close());
    page.tell("offline");
    expect(engine.transport.readyState).toBe("closed");
    expect(Object.getOwnPropertyDescriptor(engine, "readyState")).toMatchObject({ value: "open", writable: true });
  });

  test("offline delays the trials of better tiers, and online brings them on", async () => {
    network.websocket = "refused";
    await opened();
    await pass(300_000);
    network.websocket = "open";
    page.tell("offline");
    await pass(1_000);
    expect(engine.status.tier).toBe("long-poll");
    page.tell("online");
    await pass(200);
    expect(engine.status.tier).toBe("websocket");
    expect(engine.status.lastSwitch).toMatchObject({ gap: 0 });
  });
});

describe("a session listens to the page until it is over, as when", () => {
  const ENDS: Record<string, () => void> = {
    "the application closes it": () => engine.transport.close(),
    "the server closes it": () => network.server.session.send("1"),
    "the server ends it": () => network.server.session.end("slow"),
    "somebody else has it": () => network.server.session.end("stale"),
    "a message is too large": () => engine.send("x".repeat(100_000)),
    "no carrier works": () => {
      network.websocket = network.http = "refused";
      network.cut();
    },
  };
  test.each(Object.entries(ENDS))("%s", async (_, end) => {
    await opened();
    expect(page.heard).toEqual(["offline", "online", "pagehide", "pageshow", "resume", "visibilitychange", "change"]);
    end();
    await pass(70_000);
    expect(engine.transport.readyState).toBe("closed");
    expect(page.heard).toEqual([]);
  });

  test("it cannot be opened", async () => {
    network.websocket = network.http = "refused";
    engine = new FakeEngine(network);
    expect(page.heard).not.toEqual([]);
    await pass(1_000);
    expect(engine.transport.readyState).toBe("closed");
    expect(page.heard).toEqual([]);
  });
});

test("a session that was closed says nothing of the next one", async () => {
  await opened();
  const switches: unknown[] = [];
  engine.status.on("switch", (it) => switches.push(it));
  network.websocket = "refused";
  network.http = "refused";
  network.cut();
  engine.send("last words");
  engine.transport.close();
  expect(engine.status.phase).toBe("closed");
  network.http = "open";
  await pass(10_000);
  expect(network.server.session.messages).toEqual(["last words"]);
  expect(engine.status.phase).toBe("closed");
  expect(switches).toEqual([]);
});
