/**
 * Exchanges numbers with the namespace `/numbers` of `conformance/src/numbers.rs`, each side counting its own.
 *
 * It runs in Node.js and, as text, in a browser, so it uses nothing but its arguments.
 *
 * @param {{io: Function, Adaptive: Function}} scope the unmodified client, and the transport
 * @param {string} url
 */
export function exchange({ io, Adaptive }, url) {
  /** Numbers that are sent every few milliseconds, and how many may be without an answer. */
  const [BATCH, PERIOD, WINDOW] = [8, 10, 400];
  const socket = io(`${url}/numbers`, { transports: [Adaptive], forceNew: true, transportOptions: { adaptive: { remember: false } } });
  const status = Adaptive.of(socket);
  status.expectEvents(true);
  const disconnects = [];
  const switches = [];
  let [sent, received, least] = [0, 0, Infinity];
  let wrong = null;
  let waiting = [];
  let finished;
  socket.on("disconnect", (reason) => finished ?? disconnects.push(reason));
  status.on("switch", ({ from, to, cause, gap }) => switches.push({ from, to, cause, gap }));
  socket.on("number", (number) => {
    if (number !== received) wrong ??= `${number} instead of ${received}`;
    received += 1;
    waiting = waiting.filter(({ count, resolve }) => received < count || resolve());
    if (received === sent && sent >= least) finished?.();
  });
  const send = () => {
    const until = Math.min(sent + BATCH, received + WINDOW, finished ? least : Infinity);
    for (; sent < until; sent += 1) socket.emit("number", sent, "x".repeat(sent % 300));
  };
  let timer = setInterval(send, PERIOD);
  return {
    socket,
    /** Tells of each change of the carrier, and not of each byte that waits. */
    onChange(listener) {
      let told = null;
      status.on("change", ({ tier, switchCount: switches }) => {
        if (told?.tier !== tier || told.switches !== switches) listener((told = { tier, switches }));
      });
    },
    /** Resolves when the session is on one of these tiers and has changed its carrier so many times. */
    reaches: (tiers, count = 0) =>
      new Promise((resolve) => {
        const look = () => {
          if (!tiers.includes(status.tier) || status.snapshot.switchCount < count) return;
          forget();
          resolve(status.snapshot.switchCount);
        };
        const forget = status.on("change", look);
        look();
      }),
    /** How many numbers have come. */
    count: () => received,
    /** Resolves when so many more numbers have come. */
    more: (count) => new Promise((resolve) => waiting.push({ count: received + count, resolve })),
    /** Sends nothing and expects nothing for a time. */
    async silence(milliseconds) {
      clearInterval(timer);
      status.expectEvents(false);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      status.expectEvents(true);
      timer = setInterval(send, PERIOD);
    },
    /** Goes on until that many numbers are there, and asks the server what it has. */
    async finish(count) {
      least = Math.max(count, sent);
      await new Promise((resolve) => {
        finished = resolve;
        if (received === sent && sent >= least) resolve();
      });
      clearInterval(timer);
      const verdict = await new Promise((resolve) => socket.emit("verdict", (...verdict) => resolve(verdict)));
      const { switchCount } = status.snapshot;
      socket.disconnect();
      return { sent, received, wrong, verdict, disconnects, switchCount, switches };
    },
  };
}
