/**
 * What is done to the network, and how long the client may be blind; `rtt` is the round trip in milliseconds.
 *
 * `opening` are the faults from the beginning, and `pulse` are the milliseconds between two numbers. `run` changes the
 * faults while numbers come: `set` replaces them, `news` waits for a further number, `reaches` for a tier, `pass` for a
 * time; `say` has the client send something. What is measured is the time to the first number or, where there is a `run`,
 * the longest time between two from the start of `run` on.
 */
const refuse = { upgrade: { refuse: 403 } };
const mute = { up: "discard", down: "discard" };
const opened = (rtt) => 250 + 2 * rtt;
const replaced = (rtt) => rtt + 100;
const silent = (rtt) => 3000 + rtt;
/** What becomes of long-polls while there are no WebSockets. */
const polls = (requests) => ({ ...refuse, requests: { only: "carrier=long-poll", ...requests } });

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
    goal: silent,
    async run({ reaches, set, pass }) {
      await reaches("websocket");
      await set({ websocket: mute, upgrade: "mute" });
      await pass(6000);
    },
  },
  {
    name: "the WebSocket brings nothing while the client sends, and others are refused",
    // The shortest time after which a packet counts as not acknowledged.
    goal: (rtt) => 1200 + replaced(rtt),
    async run({ reaches, set, say, pass }) {
      await reaches("websocket");
      await set({ ...refuse, websocket: { down: "discard" } });
      await say();
      await pass(3000);
    },
  },
  {
    name: "the WebSocket takes nothing from the client, and others are refused",
    // So many that the server soon has sent as much as it may without an acknowledgement.
    pulse: 2,
    goal: silent,
    async run({ reaches, set, news }) {
      await reaches("websocket");
      await set({ ...refuse, websocket: { up: "discard" } });
      await reaches("long-poll");
      await news();
    },
  },
  {
    name: "long-polls are answered by a proxy, and periodic requests follow",
    opening: refuse,
    // The first periodic request follows at once, and the next a second later.
    goal: (rtt) => 1000 + replaced(rtt),
    async run({ reaches, set, pass }) {
      await reaches("long-poll");
      await set(polls({ page: 1 }));
      await reaches("periodic");
      await pass(2000);
    },
  },
  {
    name: "answers to long-polls are held back, and periodic requests follow",
    opening: refuse,
    goal: silent,
    async run({ reaches, set, news }) {
      await reaches("long-poll");
      await set(polls({ hold: 60_000 }));
      await reaches("periodic");
      await news();
    },
  },
  {
    name: "long-polling is promoted from periodic requests",
    opening: polls({ page: 1 }),
    // A request has just been answered, and the next is a second away: it is not to be waited for.
    goal: (rtt) => 500 + replaced(rtt),
    async run({ reaches, set, online, pass }) {
      await reaches("periodic");
      await pass(500);
      await set(refuse);
      await online();
      await reaches("long-poll");
      await pass(500);
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
