/**
 * Notes the numbers of `conformance pulse` and when they come.
 *
 * It runs in Node.js and, as text, in a browser, so it uses nothing but its arguments.
 *
 * @param {{io: Function, Adaptive: Function}} scope the unmodified client, and the transport
 * @param {string} url
 */
export function watch({ io, Adaptive }, url) {
  const began = performance.now();
  const socket = io(url, { transports: [Adaptive], forceNew: true, transportOptions: { adaptive: { remember: false } } });
  const status = Adaptive.of(socket);
  status.expectEvents(true);
  const ticks = [];
  socket.on("tick", (number) => ticks.push([performance.now() - began, number]));
  return { socket, ticks: () => ticks, tier: () => status.tier, say: () => void socket.emit("said") };
}
