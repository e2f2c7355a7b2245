const refused = { upgrade: { refuse: 403 } };
const mute = { up: "discard", down: "discard" };

/** What happens to requests, where there is no WebSocket, once events have come. */
const polling = (requests) => ({
  opening: refused,
  async run(proxy, observer) {
    await observer.events(100);
    await proxy.set({ ...refused, requests });
  },
});

/** `opening` are the faults from the beginning; `run` changes them when events have come, one each `period` of 50 ms. */
export const scenarios = [
  { name: "nothing is wrong" },
  { name: "WebSockets are refused from the beginning", opening: refused },
  { name: "WebSockets are opened and mute from the beginning", opening: { upgrade: "mute" } },
  { name: "requests for a WebSocket hang from the beginning", opening: { upgrade: "hang" } },
  {
    name: "the connection is cut once",
    async run(proxy, observer) {
      await observer.events(100);
      await proxy.cut();
    },
  },
  {
    name: "the connection is cut, and WebSockets are refused from then on",
    async run(proxy, observer) {
      await observer.events(100);
      await proxy.set(refused);
      await proxy.cut();
    },
  },
  {
    name: "the WebSocket goes mute, and others do too",
    async run(proxy, observer) {
      await observer.events(100);
      await proxy.set({ websocket: mute, upgrade: "mute" });
    },
  },
  {
    name: "the WebSocket takes nothing from the client, and others are refused",
    async run(proxy, observer) {
      await observer.events(100);
      await proxy.set({ websocket: { up: "discard" }, ...refused });
    },
  },
  {
    name: "connections on which nothing passes for 2 s are closed, with an event every 3 s",
    opening: { websocket: { idle: 2000 }, http: { idle: 2000 } },
    period: 3000,
  },
  { name: "without WebSockets, one response of 20 is lost", ...polling({ lose: 0.05 }) },
  { name: "without WebSockets, one response of 20 is cut short", ...polling({ truncate: 0.05 }) },
  { name: "without WebSockets, a proxy answers one request of 20", ...polling({ page: 0.05, status: 503 }) },
  { name: "without WebSockets, responses are held back for 1 s", ...polling({ hold: 1000 }) },
];
