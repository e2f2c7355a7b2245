import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { JobFeed } from "./feed";
import { FakeServer, JOB, jobLog } from "./testing";

const ROWS = 30;
let server: FakeServer;
let feed: JobFeed;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer(jobLog(ROWS));
  feed = new JobFeed({ job: JOB, after: 0, live: server.socket, cursor: server });
});

afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const tier = () => feed.snapshot.status.tier;
const failedRows = () => feed.snapshot.progress.failed.map(({ row }) => row);
const everyFailedRow = Array.from({ length: ROWS / 3 }, (_, index) => ROWS - 3 * index);

function expectWholeJob() {
  expect(feed.snapshot.over).toBe("complete");
  expect(feed.snapshot.lastSeq).toBe(server.log.length);
  expect(failedRows()).toEqual(everyFailedRow);
  expect(feed.snapshot.progress.counts).toMatchObject({ processed: ROWS, created: 20, failed: 10 });
}

describe("over the socket", () => {
  test("follows the job to its end without a plain request", async () => {
    feed.start();
    server.socket.connect();
    await pass(0);
    expect(tier()).toBe("websocket");
    server.advance(20);
    await pass(100);
    expect(feed.snapshot.progress.counts).toMatchObject({ processed: 10, failed: 3 });
    server.advance();
    expectWholeJob();
    expect(server.reads).toBe(0);
  });

  test("says long-polling, and websocket after the upgrade", async () => {
    feed.start();
    server.socket.connect("long-polling");
    await pass(0);
    expect(feed.snapshot.status).toMatchObject({ tier: "long-polling", cause: "websocket-refused" });
    server.socket.connect("websocket");
    expect(feed.snapshot.status).toMatchObject({ tier: "websocket", cause: null });
    expect(server.socket.subscriptions).toEqual([0]);
  });

  test("a repeated event changes nothing", async () => {
    feed.start();
    server.socket.connect();
    await pass(0);
    server.advance(6);
    for (const event of server.log.slice(0, 6)) server.socket.deliver(event);
    await pass(100);
    expect(failedRows()).toEqual([3]);
    expect(feed.snapshot.lastSeq).toBe(6);
  });

  test("events of another job and what is no event are ignored", async () => {
    feed.start();
    server.socket.connect();
    await pass(0);
    server.told = 2;
    server.socket.deliver({ ...server.log[0], job: "another" } as never);
    server.socket.deliver({ type: "row", seq: "1", job: JOB } as never);
    expect(feed.snapshot.lastSeq).toBe(0);
  });

  test("looks up a gap, applies in order, and loses nothing", async () => {
    feed.start();
    server.socket.connect();
    await pass(0);
    server.socket.mute = true;
    server.advance(5);
    server.socket.mute = false;
    server.advance(3);
    await pass(200);
    expect(failedRows()).toEqual([3]);
    expect(feed.snapshot.lastSeq).toBe(8);
    expect(server.reads).toBe(1);
  });

  test("counts are shown at once although rows wait behind a gap", async () => {
    feed.start();
    server.socket.connect();
    await pass(0);
    server.reachable = false;
    server.socket.mute = true;
    server.advance(5);
    server.socket.mute = false;
    server.advance(1);
    await pass(100);
    expect(feed.snapshot.progress.counts?.processed).toBe(3);
  });

  test("takes later gaps for what the first one was: progress left out for a slow reader", async () => {
    feed.start();
    server.socket.connect();
    await pass(0);
    const coalesced = (count: number) => {
      for (const event of server.log.slice(server.told, server.told + count)) {
        server.socket.mute = event.type === "progress" && event.seq % 4 !== 0;
        server.advance(1);
      }
      server.socket.mute = false;
    };
    coalesced(12);
    await pass(200);
    expect(feed.snapshot.lastSeq).toBe(12);
    coalesced(12);
    coalesced(12);
    await pass(2_000);
    expect(feed.snapshot.lastSeq).toBe(36);
    expect(failedRows()).toEqual([18, 15, 12, 9, 6, 3]);
    expect(server.reads).toBe(1);
  });

  test("goes on behind a gap that cannot be looked up", async () => {
    feed.start();
    server.socket.connect();
    await pass(0);
    server.reachable = false;
    server.socket.mute = true;
    server.advance(2);
    server.socket.mute = false;
    server.advance();
    await pass(100);
    expectWholeJob();
  });
});

describe("without a socket", () => {
  test("waits 2.5 s for the socket, then asks at the hinted pace", async () => {
    feed.start();
    await pass(2_400);
    expect(server.reads).toBe(0);
    expect(tier()).toBe("connecting");
    await pass(100);
    expect(feed.snapshot.status).toMatchObject({ tier: "periodic", cause: "socket-not-open" });
    expect(server.reads).toBe(1);
    server.pollAfter = 400;
    await pass(1_000);
    expect(server.reads).toBe(2);
    await pass(400);
    expect(server.reads).toBe(3);
  });

  test("does not wait when the opening has failed", async () => {
    feed.start();
    server.socket.set({ phase: "disconnected", cause: "socket-not-open" });
    await pass(0);
    expect(tier()).toBe("periodic");
  });

  test("reads a long log page by page without a pause", async () => {
    server.pageSize = 7;
    server.advance();
    feed.start();
    await pass(2_500 + 100 * 10);
    expectWholeJob();
  });

  test("backs off while the server is unreachable and says so", async () => {
    server.reachable = false;
    feed.start();
    await pass(2_500);
    expect(feed.snapshot.status).toMatchObject({ tier: "offline", cause: "server-unreachable" });
    await pass(1_000 + 2_000 + 4_000);
    expect(server.reads).toBe(4);
    server.reachable = true;
    await pass(8_000);
    expect(tier()).toBe("periodic");
  });

  test("stops for good when the server refuses", async () => {
    server.refusal = 404;
    feed.start();
    await pass(60_000);
    expect(feed.snapshot.over).toBe("refused");
    expect(server.reads).toBe(1);
  });

  test("a job that was complete before is recognised", async () => {
    server.advance();
    feed = new JobFeed({ job: JOB, after: server.log.length, live: server.socket, cursor: server });
    feed.start();
    await pass(2_500);
    expect(feed.snapshot.over).toBe("complete");
  });
});

describe("changing over", () => {
  test("a cut socket is replaced at once and resumes behind the last event", async () => {
    feed.start();
    server.socket.connect();
    await pass(0);
    server.advance(11);
    server.socket.cut();
    await pass(0);
    server.advance(5);
    await pass(1_100);
    expect(feed.snapshot.status).toMatchObject({ tier: "periodic", cause: "socket-cut" });
    expect(feed.snapshot.lastSeq).toBe(16);
    server.socket.connect();
    await pass(0);
    expect(server.socket.subscriptions).toEqual([0, 16]);
    expect(tier()).toBe("websocket");
    const reads = server.reads;
    for (let second = 0; second < 12; second += 1) {
      server.advance(2);
      await pass(1_000);
    }
    server.advance();
    expect(server.reads).toBe(reads);
    expectWholeJob();
  });

  test("a refused subscription is tried again while plain requests carry the job", async () => {
    server.socket.accept = false;
    feed.start();
    server.socket.connect();
    await pass(0);
    expect(feed.snapshot.status).toMatchObject({ tier: "periodic", cause: "subscription-refused" });
    server.socket.accept = true;
    await pass(10_000);
    expect(tier()).toBe("websocket");
  });

  test("an answer to a subscription from before a cut is not taken for the present one", async () => {
    server.socket.held = [];
    feed.start();
    server.socket.connect();
    server.socket.cut();
    server.socket.connect();
    await pass(0);
    const [late, present] = server.socket.held;
    late?.();
    await pass(0);
    expect(tier()).toBe("periodic");
    present?.();
    await pass(0);
    expect(tier()).toBe("websocket");
  });
});

describe("a silent socket", () => {
  beforeEach(async () => {
    feed.start();
    server.socket.connect();
    await pass(0);
    server.advance(4);
  });

  test("is asked about once after 5 s, and is kept when nothing was missed", async () => {
    await pass(4_900);
    expect(server.reads).toBe(0);
    await pass(100);
    expect(server.reads).toBe(1);
    expect(tier()).toBe("websocket");
  });

  test("that misses news twice is given up and restarted", async () => {
    server.socket.mute = true;
    server.advance(4);
    await pass(5_100);
    expect(feed.snapshot.lastSeq).toBe(8);
    expect(tier()).toBe("websocket");
    server.advance(4);
    await pass(1_400);
    expect(feed.snapshot.status).toMatchObject({ tier: "periodic", cause: "socket-silent" });
    expect(server.socket.restarts).toBe(1);
    server.advance();
    await pass(1_000);
    expectWholeJob();
  });

  test("that was only slow once is kept", async () => {
    server.socket.mute = true;
    server.advance(2);
    await pass(5_000);
    server.socket.mute = false;
    server.advance(2);
    await pass(6_000);
    expect(tier()).toBe("websocket");
    expect(server.socket.restarts).toBe(0);
  });

  test("is no longer silent once it delivers", async () => {
    for (let time = 0; time < 10; time += 1) {
      await pass(4_000);
      server.advance(2);
    }
    expect(server.reads).toBe(0);
  });

  test("that speaks while it is asked about has missed nothing", async () => {
    server.readMs = 500;
    await pass(5_200);
    server.advance(2);
    await pass(1_900);
    server.advance(2);
    await pass(1_000);
    expect(server.reads).toBe(1);
    expect(server.socket.restarts).toBe(0);
  });

  test("is looked at when the page comes back to the front", async () => {
    feed.nudge();
    await pass(0);
    expect(server.reads).toBe(1);
  });
});

describe("under any schedule of faults", () => {
  test.each(Array.from({ length: 60 }, (_, index) => index + 1))("nothing is lost or repeated, seed %i", async (seed) => {
    const random = generator(seed);
    feed.start();
    for (let step = 0; step < 60; step += 1) {
      disturb(random);
      await pass(Math.floor(random() * 1_200));
    }
    server.reachable = true;
    server.socket.mute = false;
    server.advance();
    await pass(30_000);
    expectWholeJob();
  });
});

function disturb(random: () => number): void {
  const { socket } = server;
  const actions = [
    () => socket.connect(random() < 0.5 ? "websocket" : "long-polling"),
    () => socket.cut(),
    () => (socket.mute = random() < 0.5),
    () => (socket.accept = random() < 0.7),
    () => (server.reachable = random() < 0.6),
    () => (server.pageSize = 1 + Math.floor(random() * 5)),
    () => server.log.slice(0, server.told).forEach((event) => random() < 0.3 && socket.deliver(event)),
    () => feed.nudge(),
    () => server.advance(Math.floor(random() * 4)),
    () => server.advance(Math.floor(random() * 4)),
  ];
  actions[Math.floor(random() * actions.length)]?.();
}

/** Mulberry32: the same schedule for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
