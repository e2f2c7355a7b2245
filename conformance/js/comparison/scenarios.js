const refused = { upgrade: { refuse: 403 } };
const mute = { up: "discard", down: "discard" };

/** `opening` are the faults from the beginning; `run` changes them when events have come. */
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
];
