// What is asked of both servers. Each row gives what it saw, as JSON.
import { requestBytes } from "../raw/http.js";
import { frames } from "./target.js";

const ORIGIN = { Origin: "https://app.example" };
const STRANGER = { Origin: "https://evil.example" };
const PREFLIGHT = { "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-token" };
const LIMIT = 1_000_000;

/** Rows about opening a session. */
const opening = {
  "open: polling": (to) => to.request("GET", to.polling),
  "open: polling, unknown parameters": (to) => to.request("GET", `${to.polling}&t=abc&x=%00&y`),
  "open: path without the trailing slash": (to) => to.request("GET", to.polling.replace("/?", "?")),
  "open: path with more behind it": (to) => to.request("GET", to.polling.replace("/?", "/more?")),
  "open: another path": (to) => to.request("GET", "/elsewhere/?EIO=4&transport=polling"),
  "open: no query": (to) => to.request("GET", to.path),
  "open: no EIO": (to) => to.request("GET", `${to.path}?transport=polling`),
  "open: EIO=3": (to) => to.request("GET", `${to.path}?EIO=3&transport=polling`),
  "open: EIO=4 twice": (to) => to.request("GET", `${to.path}?EIO=4&EIO=4&transport=polling`),
  "open: EIO escaped": (to) => to.request("GET", `${to.path}?EIO=%34&transport=polling`),
  "open: no transport": (to) => to.request("GET", `${to.path}?EIO=4`),
  "open: unknown transport": (to) => to.request("GET", `${to.path}?EIO=4&transport=abc`),
  "open: transport of a prototype": (to) => to.request("GET", `${to.path}?EIO=4&transport=constructor`),
  "open: unknown transport and EIO": (to) => to.request("GET", `${to.path}?EIO=9&transport=abc`),
  "open: empty sid": (to) => to.request("GET", `${to.polling}&sid=`),
  "open: unknown sid": (to) => to.request("GET", `${to.polling}&sid=abc`),
  "open: sid of a prototype": (to) => to.request("GET", `${to.polling}&sid=__proto__`),
  "open: sid that no session can have": (to) => to.request("GET", `${to.polling}&sid=%00%0d%0a`),
  "open: sid of 10,000 characters": (to) => to.request("GET", `${to.polling}&sid=${"a".repeat(10_000)}`),
  "open: POST": (to) => to.request("POST", to.polling, {}, "4"),
  "open: PUT": (to) => to.request("PUT", to.polling, {}, "4"),
  "open: DELETE": (to) => to.request("DELETE", to.polling),
  "open: HEAD": (to) => to.request("HEAD", to.polling),
  "open: websocket without an upgrade": (to) => to.request("GET", to.websocket),
  "open: polling with an upgrade": async (to) => refusal(await to.open(to.polling)),
};

/** Rows about the opening handshake of a WebSocket. */
const websockets = {
  "websocket: opens": (to) => to.conversation(() => {}, 1, { target: to.websocket }),
  "websocket: no EIO": (to) => to.conversation(() => {}, 1, { target: `${to.path}?transport=websocket` }),
  "websocket: unknown transport": (to) => to.conversation(() => {}, 1, { target: `${to.path}?EIO=4&transport=abc` }),
  "websocket: unknown sid": (to) => to.conversation(() => {}, 1, { target: `${to.websocket}&sid=abc` }),
  "websocket: version 12": async (to) => refusal(await to.open(to.websocket, { "Sec-WebSocket-Version": "12" })),
  "websocket: no key": async (to) => refusal(await to.open(to.websocket, { "Sec-WebSocket-Key": undefined })),
  "websocket: a key that is none": async (to) => refusal(await to.open(to.websocket, { "Sec-WebSocket-Key": "abc" })),
  "websocket: another protocol": async (to) => refusal(await to.open(to.websocket, { Upgrade: "h2c" })),
  "websocket: a subprotocol is offered": async (to) => refusal(await to.open(to.websocket, { "Sec-WebSocket-Protocol": "chat" })),
  "websocket: compression is offered": async (to) =>
    refusal(await to.open(to.websocket, { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" })),
};

/** Rows about requests of a session. */
const requests = {
  "post: one packet": (to) => to.post("4a"),
  "post: an empty body": (to) => to.post(""),
  "post: no packet": (to) => to.post("abc"),
  "post: an unknown type": (to) => to.post("7"),
  "post: a packet and none": (to) => to.post("4a\x1ex"),
  "post: a separator": (to) => to.post("\x1e"),
  "post: base64 that is none": (to) => to.post("b!!!!"),
  "post: base64 without padding": (to) => to.post("bAQ"),
  "post: bytes that are no UTF-8": (to) => to.post(Buffer.from([0x34, 0xff, 0xfe])),
  "post: OPEN of a client": (to) => to.post('0{"sid":"abc"}'),
  "post: PING of a client": (to) => to.post("2"),
  "post: PONG that nobody asked for": (to) => to.post("3"),
  "post: UPGRADE": (to) => to.post("5"),
  "post: NOOP": (to) => to.post("6"),
  "post: CLOSE": (to) => to.post("1"),
  "post: a content type of text": (to) => to.post("4a", { "Content-Type": "text/plain;charset=UTF-8" }),
  "post: a content type of bytes": (to) => to.post("4a", { "Content-Type": "application/octet-stream" }),
  "post: the largest body": (to) => to.post(`4${"x".repeat(LIMIT - 1)}`),
  "post: a byte too many": (to) => to.post(`4${"x".repeat(LIMIT)}`),
  "post: a byte too many, in chunks": (to) =>
    to.post(chunked(`4${"x".repeat(LIMIT)}`), { "Transfer-Encoding": "chunked" }),
  "post: in chunks": (to) => to.post(chunked("4a"), { "Transfer-Encoding": "chunked" }),
  "session: PUT": async (to) => to.request("PUT", await to.session(), {}, "4"),
  "session: DELETE": async (to) => to.request("DELETE", await to.session()),
  "session: GET of another transport": async (to) => to.request("GET", (await to.session()).replace("polling", "websocket")),
  "session: no EIO": async (to) => to.request("POST", (await to.session()).replace("EIO=4&", ""), {}, "4"),
  "session: an answer of 2 KB to a client that takes gzip": async (to) => {
    const target = await to.session();
    await to.request("POST", target, {}, `4${"x".repeat(2000)}`);
    const { body, ...seen } = await to.request("GET", target, { "Accept-Encoding": "gzip" });
    return { ...seen, body: body.length > 1000 };
  },
  "not HTTP": (to) => to.exchange("hello\r\n\r\n"),
  "a header without a colon": (to) => to.exchange(`GET ${to.polling} HTTP/1.1\r\nHost: test\r\nnonsense\r\n\r\n`),
  "headers of 200 KB": (to) => to.exchange(requestBytes("GET", to.polling, { "X-Large": "x".repeat(200_000) })),
};

/** Rows about other origins; the servers let `https://app.example` in. */
const origins = Object.fromEntries(
  [
    ["none", {}],
    ["the right one", ORIGIN],
    ["a stranger", STRANGER],
    ["null", { Origin: "null" }],
  ].flatMap(([name, origin]) => [
    [`origin, ${name}: open`, (to) => to.request("GET", to.polling, origin)],
    [`origin, ${name}: an error`, (to) => to.request("GET", `${to.path}?EIO=4&transport=abc`, origin)],
    [`origin, ${name}: a preflight`, (to) => to.request("OPTIONS", to.polling, { ...origin, ...PREFLIGHT })],
    [`origin, ${name}: websocket`, async (to) => refusal(await to.open(to.websocket, origin))],
  ]),
);

/** Rows about frames of a WebSocket that carries a session; the server sends every message back. */
const engineFrames = {
  "frame: a text": (to) => to.conversation((ws) => ws.send("4a"), 1),
  "frame: bytes": (to) => to.conversation((ws) => ws.send(Buffer.from([1, 2])), 1),
  "frame: no packet": (to) => to.conversation((ws) => ws.send("abc")),
  "frame: an unknown type": (to) => to.conversation((ws) => ws.send("7")),
  "frame: an empty text": (to) => to.conversation((ws) => ws.send("")),
  "frame: CLOSE": (to) => to.conversation((ws) => ws.send("1")),
  "frame: PING of a client": (to) => to.conversation((ws) => ws.send("2")),
  "frame: UPGRADE": (to) => to.conversation((ws) => [ws.send("5"), ws.send("4after")], 1),
  "frame: a ping": (to) => to.conversation((ws) => ws.frame({ opcode: 9, payload: Buffer.from("x") }), 1),
  "frame: CLOSE of WebSocket with 1000": (to) => to.conversation((ws) => ws.frame({ opcode: 8, payload: Buffer.from([3, 232]) })),
  "frame: CLOSE of WebSocket without a code": (to) => to.conversation((ws) => ws.frame({ opcode: 8 })),
  "frame: CLOSE of WebSocket with a code that is none": (to) =>
    to.conversation((ws) => ws.frame({ opcode: 8, payload: Buffer.from([0, 1]) })),
  "frame: not masked": (to) => to.conversation((ws) => ws.frame({ opcode: 1, masked: false, payload: Buffer.from("4a") })),
  "frame: a reserved bit": (to) => to.conversation((ws) => ws.frame({ opcode: 1, rsv: 4, payload: Buffer.from("4a") })),
  "frame: a reserved opcode": (to) => to.conversation((ws) => ws.frame({ opcode: 3, payload: Buffer.from("4a") })),
  "frame: a ping in fragments": (to) => to.conversation((ws) => ws.frame({ fin: false, opcode: 9 })),
  "frame: a ping of 126 bytes": (to) => to.conversation((ws) => ws.frame({ opcode: 9, payload: Buffer.alloc(126) })),
  "frame: a continuation of nothing": (to) => to.conversation((ws) => ws.frame({ opcode: 0, payload: Buffer.from("4a") })),
  "frame: a text in a text": (to) =>
    to.conversation((ws) => [ws.frame({ fin: false, opcode: 1, payload: Buffer.from("4a") }), ws.send("4b")]),
  "frame: text that is no UTF-8": (to) => to.conversation((ws) => ws.frame({ opcode: 1, payload: Buffer.from([0x34, 0xff]) })),
  "frame: a length above the limit": (to) => to.conversation((ws) => ws.frame({ opcode: 1, length: LIMIT + 1 })),
  "frame: fragments above the limit": (to) =>
    to.conversation((ws) => [
      ws.frame({ fin: false, opcode: 1, payload: Buffer.alloc(LIMIT, "4") }),
      ws.frame({ opcode: 0, payload: Buffer.from("x") }),
    ]),
  "frame: a length of 2^63": (to) =>
    to.conversation((ws) => ws.raw(Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]))),
};

/** Rows about the way from polling to a WebSocket, and its races. */
const upgrades = {
  "upgrade: probe, then UPGRADE": (to) => upgrade(to, ["2probe", "5", "4a"], 2),
  "upgrade: UPGRADE without a probe": (to) => upgrade(to, ["5"]),
  "upgrade: a message on trial": (to) => upgrade(to, ["4a"]),
  "upgrade: bytes on trial": (to) => upgrade(to, [Buffer.from([1])]),
  "upgrade: a probe twice": (to) => upgrade(to, ["2probe", "2probe", "5", "4a"], 3),
  "upgrade: a wrong probe": (to) => upgrade(to, ["2prob"]),
  "upgrade: no packet on trial": (to) => upgrade(to, ["abc"]),
  "upgrade: two WebSockets on trial": async (to) => {
    const target = (await to.session()).replace("polling", "websocket");
    const [first, second] = [await to.open(target), await to.open(target)];
    first.send("2probe");
    const told = { second: await frames(second, 1), first: await frames(first, 1) };
    await first.destroy();
    await second.destroy();
    return told;
  },
  "upgrade: a second WebSocket afterwards": async (to) => {
    const target = (await to.session()).replace("polling", "websocket");
    const first = await to.open(target);
    ["2probe", "5", "4a"].forEach((text) => first.send(text));
    const told = await frames(first, 2);
    const second = await to.open(target);
    const seen = { status: second.status, told: await frames(second) };
    first.send("4b");
    return { told, seen, after: await frames(first, 1) };
  },
  "upgrade: a poll afterwards": async (to) => {
    const target = await to.session();
    const socket = await to.open(target.replace("polling", "websocket"));
    ["2probe", "5", "4a"].forEach((text) => socket.send(text));
    await frames(socket, 2);
    return to.request("GET", target);
  },
};

/** Rows of Socket.IO, over a WebSocket. */
const socketio = Object.fromEntries(
  Object.entries({
    "CONNECT": [["40"], 2],
    "CONNECT with credentials": [['40{"a":1}'], 2],
    "CONNECT with an array": [["40[]"]],
    "CONNECT with a number": [["401"]],
    "CONNECT with text": [['40"a"']],
    "CONNECT with JSON that is cut off": [['40{"a"']],
    "CONNECT to an unknown namespace": [["40/nowhere,"], 1],
    "CONNECT to a namespace with a query": [["40/custom?a=b,"], 1],
    "CONNECT twice": [["40", "40"]],
    "CONNECT that middleware refuses": [["40/refused,"], 1],
    "nothing before an event": [['42["message",1]']],
    "an empty message": [["4"]],
    "an unknown type": [["49"]],
    "an event": [["40", '42["message",1]'], 1],
    "an event whose name is a number": [["40", "42[1]", '42["message",1]'], 1],
    "an event whose name is null": [["40", "42[null]"]],
    "an event whose name is an object": [["40", "42[{}]"]],
    "an event without a name": [["40", "42[]"]],
    "an event that is an object": [["40", "42{}"]],
    "an event with a reserved name": [["40", '42["connect"]']],
    "an event with spaces": [["40", '42 ["message",1]'], 1],
    "an id of 20 digits": [["40", '4212345678901234567890["message-with-ack",1]'], 1],
    "an id that is negative": [["40", '42-1["message-with-ack",1]']],
    "an acknowledgement to nothing": [["40", "431[1]", '42["message",1]'], 1],
    "an acknowledgement without an id": [["40", "43[1]"]],
    "CONNECT_ERROR of a client": [["40", '44{"message":"x"}']],
    "DISCONNECT with a payload": [["40", "41{}"]],
    "binary: none announced": [["40", '450-["message",1]'], 1],
    "binary: no number": [["40", '45-["message",1]']],
    "binary: a number of two digits": [["40", '4511-["message",1]']],
    "binary: a placeholder out of range": [["40", '451-["message",{"_placeholder":true,"num":5}]', Buffer.from([1]), '42["message",1]'], 1],
    "binary: a negative placeholder": [["40", '451-["message",{"_placeholder":true,"num":-1}]', Buffer.from([1]), '42["message",1]'], 1],
    "binary: one attachment for two places": [
      ["40", '451-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]', Buffer.from([1])],
      2,
    ],
    "binary: text instead": [["40", '451-["message",{"_placeholder":true,"num":0}]', '42["message",1]']],
    "binary: unannounced": [["40", Buffer.from([1])]],
    "binary: an event that is none": [["40", "451-{}"]],
  }).map(([name, [sent, count]]) => [
    `socket: ${name}`,
    (to) => to.conversation((ws) => say(ws, sent), count),
  ]),
);

export const ROWS = {
  engine: { ...opening, ...websockets, ...requests, ...origins, ...engineFrames, ...upgrades },
  socket: socketio,
};

/** Sends one message after the other; what is said to everyone who has joined comes before what follows it. */
async function say(socket, sent) {
  const [first, ...rest] = sent;
  socket.send(first);
  if (first.toString() === "40" && rest.length > 0) await frames(socket, 2);
  rest.forEach((message) => socket.send(message));
}

function chunked(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n0\r\n\r\n")]);
}

async function refusal(socket) {
  const { status, headers, body } = socket;
  const names = ["sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-protocol"];
  const shown = names.filter((name) => name in headers).map((name) => [name, headers[name]]);
  await socket.destroy();
  return { status, ...Object.fromEntries(shown), body };
}

/** What a WebSocket on trial is told, and whether its session lives afterwards. */
async function upgrade(to, sent, count) {
  const target = await to.session();
  const socket = await to.open(target.replace("polling", "websocket"));
  sent.forEach((message) => socket.send(message));
  const told = await frames(socket, count);
  const session = await to.probe(target);
  await socket.destroy();
  return { told, session };
}
