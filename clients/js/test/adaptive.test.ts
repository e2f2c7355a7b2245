import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { FakeEngine } from "./support/client.js";
import { FakeNetwork } from "./support/network.js";
import { FakePage } from "./support/page.js";

let network: FakeNetwork;
let engine: FakeEngine;

beforeEach(() => {
  vi.useFakeTimers();
  network = new FakeNetwork();
});

afterEach(async () => {
  engine.transport.close();
  // The server's own timers end too.
  await pass(30_000);
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const tiers = () => engine.status.switches.map(({ to }) => to);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => String(from + index));

function open(options = {}): void {
  engine = new FakeEngine(network, options);
}

async function opened(options = {}): Promise<void> {
  open(options);
  await pass(400 + 10 * network.latency);
  expect(engine.transport.readyState).toBe("open");
}

describe("opening", () => {
  test("on a WebSocket takes its handshake and one round trip", async () => {
    open();
    await pass(40);
    expect(engine.packets).toMatchObject([{ type: "open" }]);
    expect(engine.status.snapshot).toMatchObject({ phase: "open", tier: "websocket", roundTrip: 20 });
    expect(network.server.log).toEqual(["attach 3"]);
  });

  test("hides the heartbeat from the Engine", async () => {
    network.server.handshake.pingInterval = 300;
    network.server.handshake.pingTimeout = 200;
    await opened();
    const { pingInterval, pingTimeout, sid, upgrades } = JSON.parse(engine.packets[0]?.data as string) as Record<string, number>;
    expect((pingInterval ?? 0) + (pingTimeout ?? 0)).toBeLessThanOrEqual(2 ** 31 - 1);
    expect({ pingInterval, sid, upgrades }).toMatchObject({ pingInterval: 2 ** 30 - 1, sid: "sid1", upgrades: [] });
  });

  test.each([
    ["refused", 60],
    ["silent", 190],
    ["mute", 190],
    ["up", 190],
  ] as const)("behind a WebSocket that is %s is done after %i ms", async (way, ms) => {
    network.websocket = way;
    open();
    await pass(ms);
    expect(engine.packets).toMatchObject([{ type: "open" }]);
    expect(tiers()).toEqual(["long-poll"]);
    expect(network.server.sessions).toHaveLength(1);
  });

  test("goes down to periodic requests", async () => {
    network.websocket = "refused";
    network.longPoll = "silent";
    open();
    await pass(400);
    expect(tiers()).toEqual(["periodic"]);
    expect(network.server.sessions).toHaveLength(1);
  });

  test("says so when nothing works", async () => {
    network.websocket = network.http = "refused";
    open();
    await pass(1_000);
    expect(engine.ends).toMatchObject([{ event: "error", detail: { type: "TransportError" } }]);
    expect((engine.ends[0]?.detail as Error).message).toContain("ECONNREFUSED");
    expect(engine.status.phase).toBe("closed");
  });

  test("a proxy's page is not the server", async () => {
    network.websocket = "refused";
    network.http = "mute";
    open();
    await pass(1_000);
    expect((engine.ends[0]?.detail as Error).message).toContain("502 Bad Gateway");
  });

  test("a WebSocket that opens late is promoted", async () => {
    network.latency = 200;
    open();
    await pass(5_000);
    expect(engine.status.tier).toBe("websocket");
    expect(engine.ends).toEqual([]);
    expect(network.server.sessions).toHaveLength(1);
  });
});

describe.each(["websocket", "long-poll", "periodic"] as const)("messages over %s", (tier) => {
  beforeEach(() => opened({ tiers: [tier] }));

  test("go both ways in order", async () => {
    engine.send(...numbers(0, 100));
    network.server.session.send(...numbers(0, 100).map((number) => `4${number}`));
    await pass(6_000);
    expect(network.server.session.messages).toEqual(numbers(0, 100));
    expect(engine.messages).toEqual(numbers(0, 100));
    expect(engine.status.buffered).toBe(0);
    expect(network.server.session.repeats).toBe(0);
  });

  test("may be binary, or hold any character", async () => {
    engine.send(Buffer.from([0, 255]), "\u001e", new Blob([new Uint8Array([7])]), "😀");
    network.server.session.send(new Uint8Array([0, 255]), "4\u001e", "4😀");
    await pass(6_000);
    expect(network.server.session.received).toEqual([new Uint8Array([0, 255]), "4\u001e", new Uint8Array([7]), "4😀"]);
    expect(engine.messages).toEqual([Buffer.from([0, 255]), "\u001e", "😀"]);
  });

  test("above the limit end the session", async () => {
    engine.send("before", "x".repeat(100_000));
    await pass(1_000);
    expect(engine.ends).toMatchObject([{ event: "error", detail: { context: { end: "large" } } }]);
    expect(network.server.session.received).toEqual(["4before", "1"]);
  });

  test("wait while the window is full", async () => {
    engine.send(...Array.from({ length: 30 }, () => "x".repeat(999)));
    expect(engine.transport.writable).toBe(false);
    await pass(6_000);
    expect(engine.transport.writable).toBe(true);
    expect(engine.drains).toBe(1);
    expect(network.server.session.messages).toHaveLength(30);
  });

  test("are all sent before the end", async () => {
    engine.send(...numbers(0, 50));
    engine.transport.close();
    expect(engine.ends).toMatchObject([{ event: "close" }]);
    await pass(1_000);
    expect(network.server.session.received).toEqual([...numbers(0, 50).map((number) => `4${number}`), "1"]);
  });

  test("end when the server closes", async () => {
    network.server.session.send("4last", "1");
    await pass(6_000);
    expect(engine.messages).toEqual(["last"]);
    expect(engine.ends).toMatchObject([{ event: "close", detail: { context: { end: "closed" } } }]);
    expect(network.server.session.received).toEqual([]);
    expect(network.server.session.acked).toBe(3);
  });

  test.each(["gone", "slow", "protocol"])("end when the server says %s", async (reason) => {
    network.server.session.end(reason);
    await pass(6_000);
    // A periodic carrier comes when the server has forgotten why.
    const end = tier === "periodic" ? "gone" : reason;
    expect(engine.ends).toMatchObject([{ event: "close", detail: { context: { end } } }]);
  });

  test("are nobody's when somebody else has taken the session", async () => {
    network.server.session.epoch = 100;
    network.server.session.end("stale");
    await pass(6_000);
    expect(engine.ends).toMatchObject([{ event: "close", detail: { context: { end: "taken" } } }]);
  });
});

describe("switching", () => {
  test("a cut WebSocket is replaced within a round trip, without a loss", async () => {
    await opened();
    engine.send(...numbers(0, 10));
    network.server.session.send("4a", "4b");
    network.websocket = "refused";
    network.cut();
    network.server.session.send("4c");
    await pass(30);
    expect(engine.status).toMatchObject({ tier: "long-poll", lastSwitch: { from: "websocket", cause: "closed" } });
    expect(engine.status.lastSwitch?.gap).toBeLessThanOrEqual(30);
    await pass(100);
    expect(engine.messages).toEqual(["a", "b", "c"]);
    expect(network.server.session.messages).toEqual(numbers(0, 10));
    expect(engine.ends).toEqual([]);
  });

  test("and comes back when it works again", async () => {
    await opened();
    network.websocket = "refused";
    network.cut();
    await pass(20_000);
    expect(engine.status.tier).toBe("long-poll");
    network.websocket = "open";
    await pass(60_000);
    expect(engine.status).toMatchObject({ tier: "websocket", lastSwitch: { cause: "better", gap: 0 } });
  });

  test("packets go by what works until an attach is answered", async () => {
    let soon: string[] | null = null;
    const openWebSocket = (url: string) => {
      const socket = network.openWebSocket(url);
      const send = socket.send.bind(socket);
      socket.send = (data) => {
        send(data);
        if (data !== "t4,1,1") return;
        // Its question was answered, and the attach is swallowed.
        network.websocket = "mute";
        setTimeout(() => engine.send("meanwhile"), 1);
        setTimeout(() => (soon = network.server.session.messages), 2 + network.latency);
      };
      return socket;
    };
    network.websocket = "refused";
    await opened({ openWebSocket });
    network.websocket = "open";
    await pass(60_000);
    expect(soon).toEqual(["meanwhile"]);
    expect(engine.status.tier).toBe("long-poll");
    expect(network.server.session).toMatchObject({ messages: ["meanwhile"], repeats: 0 });
  });

  test("a WebSocket whose packets are not acknowledged is given up", async () => {
    await opened();
    network.websocket = "mute";
    engine.send("lost");
    await pass(1_400);
    expect(engine.status).toMatchObject({ tier: "long-poll", lastSwitch: { cause: "unacknowledged" } });
    expect(network.server.session.messages).toEqual(["lost"]);
  });

  test("a WebSocket that is mute is given up after the liveness interval", async () => {
    await opened();
    network.websocket = "mute";
    await pass(44_000);
    expect(engine.status.tier).toBe("websocket");
    await pass(2_000);
    expect(engine.status.lastSwitch).toMatchObject({ to: "long-poll", cause: "silent" });
  });

  describe.each(["websocket", "long-poll", "periodic"] as const)("%s that goes mute while events are expected", (tier) => {
    beforeEach(async () => {
      if (tier !== "websocket") network.websocket = "refused";
      if (tier === "periodic") network.longPoll = "silent";
      await opened();
    });

    // At any moment between two requests.
    test.each([0, 300, 700, 1_000, 1_700])("is given up after 3 s, %i ms later", async (phase) => {
      // What was heard long before they were expected does not count.
      await pass(15_000);
      engine.status.expectEvents(true);
      await pass(5_000 + phase);
      expect(tiers()).toEqual([tier]);
      network.websocket = tier === "websocket" ? "up" : "refused";
      network.http = "up";
      await pass(1_400);
      expect(engine.status.tier).toBe(tier);
      await pass(1_600);
      expect(engine.status.snapshot).toMatchObject({ tier: null, phase: "switching" });
    });

    test("loses nothing", async () => {
      engine.status.expectEvents(true);
      await pass(5_000);
      network.websocket = tier === "websocket" ? "up" : "refused";
      network.http = "up";
      network.server.session.send("4now");
      await pass(3_000);
      network.http = network.longPoll = "open";
      await pass(6_000);
      expect(engine.messages).toEqual(["now"]);
      expect(engine.ends).toEqual([]);
    });
  });

  describe.each(["websocket", "long-poll", "periodic"] as const)("a message that takes 20 s on %s", (tier) => {
    const bytes = tier === "websocket" ? 800_000 : 80_000;

    beforeEach(async () => {
      await opened({ tiers: [tier] });
      engine.status.expectEvents(true);
      await pass(2_000);
      network.rate = bytes / 20;
      network.server.session.send("4".padEnd(bytes, "x"));
    });

    test("is not silence as long as it comes", async () => {
      await pass(23_000);
      expect(engine.messages).toHaveLength(1);
      expect(tiers()).toEqual([tier]);
      expect(engine.status.roundTrip).toBeLessThan(100);
    });

    test("is silence when it stops", async () => {
      await pass(5_000);
      network.websocket = "up";
      network.http = "refused";
      await pass(tier === "websocket" ? 30_000 : 3_600);
      expect(engine.status.phase).toBe("switching");
      network.rate = Infinity;
      network.websocket = network.http = "open";
      await pass(10_000);
      expect(engine.messages).toHaveLength(1);
    });
  });

  test("a long-poll may have its head before the server answers", async () => {
    network.sendsHeadFirst = true;
    await opened({ tiers: ["long-poll"] });
    await pass(120_000);
    network.server.session.send("4late");
    await pass(100);
    expect(engine.messages).toEqual(["late"]);
    expect(tiers()).toEqual(["long-poll"]);
  });

  test("a packet that the server only slowly hears of is not given up", async () => {
    await opened();
    network.server.session.isMute = true;
    engine.send("large");
    for (let second = 0; second < 10; second += 1) {
      await pass(1_000);
      network.server.session.tell(0);
    }
    expect(tiers()).toEqual(["websocket"]);
    await pass(1_400);
    expect(engine.status.switches[1]).toMatchObject({ to: "long-poll", cause: "unacknowledged" });
  });

  test.each(["websocket", "long-poll"] as const)("a slow %s is kept while events are expected", async (tier) => {
    network.latency = 750;
    if (tier === "long-poll") network.websocket = "refused";
    await opened();
    await pass(60_000);
    expect(engine.status.tier).toBe(tier);
    const before = tiers().length;
    engine.status.expectEvents(true);
    await pass(600_000);
    expect(tiers()).toHaveLength(before);
  });

  test("a WebSocket that is only quiet is kept", async () => {
    await opened();
    engine.status.expectEvents(true);
    await pass(3_600_000);
    expect(tiers()).toEqual(["websocket"]);
  });

  test("the session outlives an outage, but not one beyond its expiry", async () => {
    await opened();
    network.websocket = network.http = "refused";
    network.cut();
    engine.send("while away");
    await pass(50_000);
    expect(engine.status.phase).toBe("switching");
    network.websocket = network.http = "open";
    await pass(6_000);
    expect(engine.status.tier).toBe("websocket");
    expect(network.server.session.messages).toEqual(["while away"]);
    network.websocket = network.http = "refused";
    network.cut();
    await pass(61_000);
    expect(engine.ends).toMatchObject([{ event: "close", detail: { context: { end: "expired" } } }]);
  });

  test("fifty times, with messages both ways under way all the time", async () => {
    network.latency = 35;
    const page = new FakePage();
    await opened();
    let sent = 0;
    const talk = () => {
      for (let burst = 0; burst < 7; burst += 1) {
        engine.send(String(sent));
        network.server.session.send(`4${sent}`);
        sent += 1;
      }
    };
    const faults = [
      () => network.cut(),
      () => (network.websocket = "mute"),
      () => (network.websocket = "up"),
      () => {
        network.websocket = "refused";
        network.cut();
      },
      () => {
        network.longPoll = "up";
        network.cut();
      },
      () => [(network.longPoll = "silent"), (network.websocket = "mute")],
    ];
    for (let round = 0; engine.status.snapshot.switchCount < 51; round += 1) {
      expect(round).toBeLessThan(60);
      // A carrier that fails soon after its promotion is tried less and less often, until the network is another one.
      if (round % faults.length === 0) page.tell("online");
      faults[round % faults.length]?.();
      for (let step = 0; step < 140; step += 1) {
        talk();
        await pass(497);
        if (step === 15) network.websocket = network.longPoll = "open";
      }
    }
    await pass(60_000);
    expect(new Set(tiers().slice(1))).toEqual(new Set(["websocket", "long-poll", "periodic"]));
    expect(engine.messages).toEqual(numbers(0, sent));
    expect(network.server.session.messages).toEqual(numbers(0, sent));
    expect(network.server.session.repeats).toBeGreaterThan(0);
    expect(engine.ends).toEqual([]);
    expect(network.server.sessions).toHaveLength(1);
  });
});
