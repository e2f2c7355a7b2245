/**
 * What is done to the network, and how long the client may be blind; `rtt` is the round trip in milliseconds.
 *
 * `opening` are the faults from the beginning. `run` changes them while numbers come: `set` replaces the faults, `ticks`
 * waits for so many further numbers, `reaches` for a tier, `pass` for a time. What is measured is the time to the first
 * number or, where there is a `run`, the longest time between two from the start of `run` on.
 */
const refuse = { upgrade: { refuse: 403 } };
const mute = { up: "discard", down: "discard" };
const opened = (rtt) => 250 + 2 * rtt;
const replaced = (rtt) => rtt + 100;

export const scenarios = [
  { name: "opening, nothing is wrong", goal: opened },
  { name: "opening, WebSockets are refused", opening: refuse, goal: opened },
  { name: "opening, WebSockets are opened and mute", opening: { upgrade: "mute" }, goal: opened },
  { name: "opening, requests for a WebSocket hang", opening: { upgrade: "hang" }, goal: opened },
  {
    name: "nothing is wrong",
    goal: replaced,
    async run({ reaches, pass }) {
      await reaches("websocket");
      await pass(1000);
    },
  },
  {
    name: "the WebSocket is cut",
    goal: replaced,
    async run({ reaches, cut, pass }) {
      await reaches("websocket");
      await cut();
      await pass(1000);
    },
  },
  {
    name: "the WebSocket is cut, and others are refused",
    goal: replaced,
    async run({ reaches, set, cut, pass }) {
      await reaches("websocket");
      await set(refuse);
      await cut();
      await pass(1000);
    },
  },
  {
    name: "the WebSocket goes mute, and others do too",
    goal: (rtt) => 3000 + rtt,
    async run({ reaches, set, pass }) {
      await reaches("websocket");
      await set({ websocket: mute, upgrade: "mute" });
      await pass(6000);
    },
  },
  {
    name: "a WebSocket is promoted",
    opening: refuse,
    goal: replaced,
    async run({ reaches, set, online, pass }) {
      await reaches("long-poll");
      await set({});
      await online();
      await reaches("websocket");
      await pass(500);
    },
  },
];
