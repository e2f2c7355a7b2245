/**
 * Lets `broadcaster` send a number to everybody after each `period` of milliseconds, and notes what `socket` gets of it.
 *
 * What was sent before the first number that came, or after the last second, does not count as lost.
 */
export function observe(socket, broadcaster, event, period) {
  const began = performance.now();
  const times = new Map();
  let [sent, repeated, disconnects, longest] = [0, 0, 0, 0];
  let first = null;
  let last = null;
  let waiting = [];
  const timer = setInterval(() => broadcaster.emit("broadcast", (sent += 1)), period);
  socket.on("disconnect", () => (disconnects += 1));
  socket.on(event, (number) => {
    const now = performance.now();
    first ??= { at: now, number };
    if (last !== null) longest = Math.max(longest, now - last);
    last = now;
    if (times.has(number)) repeated += 1;
    times.set(number, now);
    waiting = waiting.filter(({ count, resolve }) => times.size < count || resolve());
  });
  return {
    /** Waits for that many events. */
    events: (count) => new Promise((resolve) => waiting.push({ count, resolve })),
    /** Goes on until this many seconds after the beginning. */
    async end(seconds) {
      await new Promise((resolve) => setTimeout(resolve, began + seconds * 1000 - performance.now()));
      const until = sent - Math.ceil(1000 / period);
      clearInterval(timer);
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const end = performance.now();
      socket.disconnect();
      broadcaster.disconnect();
      if (!first) return { first: "none", lost: "all", repeated, blind: Math.round(end - began), disconnects };
      let lost = 0;
      for (let number = first.number; number <= until; number += 1) lost += times.has(number) ? 0 : 1;
      // A client that is still blind at the end is so at least until then.
      const blind = Math.max(longest, lost > 0 && end - last > 3000 + period ? end - last : 0);
      // Its own disconnect does not count.
      return { first: Math.round(first.at - began), lost, repeated, blind: Math.round(blind), disconnects: disconnects - 1 };
    },
  };
}
