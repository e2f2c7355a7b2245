// What Socket.IO, revision 5, asks of a server, over raw WebSockets. Each case gets the URL of a server with the events
// of `conformance/src/socket.rs`.
// https://github.com/socketio/socket.io-protocol
import assert from "node:assert/strict";
import { get, post } from "../raw/http.js";
import { RawWebSocket } from "../raw/websocket.js";

const POLLING = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";

/** A WebSocket on which nothing has been said yet. */
async function open(url) {
  const socket = await RawWebSocket.open(url, WEBSOCKET);
  assert.ok((await socket.text()).startsWith("0{"));
  return socket;
}

/** A client that is in the namespace `/`, and has got what the server says to everyone. */
async function joined(url) {
  const socket = await open(url);
  await join(socket, "");
  return socket;
}

/** Joins a namespace; `prefix` is how packets name it: nothing, or its path and a comma. Resolves with the id. */
async function join(socket, prefix, payload = "") {
  socket.send(`40${prefix}${payload}`);
  const connected = await socket.text();
  assert.ok(connected.startsWith(`40${prefix}{`), connected);
  const content = JSON.parse(connected.slice(2 + prefix.length));
  assert.deepEqual(Object.keys(content), ["sid"]);
  assert.equal(await socket.text(), `42${prefix}["auth",${payload || "{}"}]`);
  return content.sid;
}

/** The next `count` messages, without PING. */
async function messages(socket, count) {
  const found = [];
  while (found.length < count) {
    const { type, data } = await socket.next();
    assert.ok(type === "text" || type === "binary", type);
    if (data !== "2") found.push(data);
  }
  return found;
}

/** What a server does with a client that breaks the rules. */
async function endsIt(url, ...sent) {
  const socket = await joined(url);
  sent.forEach((message) => socket.send(message));
  await socket.closed();
}

async function echoes(url, sent, received, prefix = "") {
  const socket = await joined(url);
  if (prefix) await join(socket, prefix);
  sent.forEach((message) => socket.send(message));
  assert.deepEqual(await messages(socket, received.length), received);
}

export const connect = {
  async "to the root namespace"(url) {
    await join(await open(url), "");
  },
  async "to the root namespace with credentials"(url) {
    await join(await open(url), "", '{"token":"123"}');
  },
  async "to another namespace"(url) {
    await join(await open(url), "/custom,");
  },
  async "to another namespace with credentials"(url) {
    await join(await open(url), "/custom,", '{"token":"abc"}');
  },
  async "to another namespace without the comma behind it"(url) {
    const socket = await open(url);
    socket.send("40/custom");
    assert.ok((await socket.text()).startsWith("40/custom,{"));
  },
  async "to several namespaces over one connection, each with an id of its own"(url) {
    const socket = await open(url);
    assert.notEqual(await join(socket, ""), await join(socket, "/custom,"));
  },
  async "over polling"(url) {
    const { body } = await get(url, POLLING);
    const { sid } = JSON.parse(body.slice(1));
    const target = `${POLLING}&sid=${sid}`;
    assert.equal((await post(url, target, "40")).body, "ok");
    const found = [];
    while (found.length < 2) {
      const packets = (await get(url, target)).body.split("\x1e");
      found.push(...packets.filter((packet) => packet !== "2"));
    }
    assert.ok(found[0].startsWith('40{"sid":"') && !found[0].includes(sid), "the session's id is not shown");
    assert.equal(found[1], '42["auth",{}]');
  },
  async "an unknown namespace is refused, and the connection stays"(url) {
    const socket = await open(url);
    socket.send("40/random");
    assert.equal(await socket.text(), '44/random,{"message":"Invalid namespace"}');
    await join(socket, "");
  },
  async "middleware refuses with a message and data"(url) {
    const socket = await open(url);
    socket.send('40/refused,{"token":"wrong"}');
    const error = JSON.parse((await socket.text()).slice("44/refused,".length));
    assert.deepEqual(error, { message: "not authorised", data: { code: "wrong_token" } });
  },
  async "what is no packet ends the connection"(url) {
    for (const first of ["4abc", "4", "49", '40"text"', "40[]"]) {
      const socket = await open(url);
      socket.send(first);
      await socket.closed();
    }
  },
  async "an event before CONNECT ends the connection"(url) {
    const socket = await open(url);
    socket.send('42["message",1]');
    await socket.closed();
  },
  async "a second CONNECT to the same namespace ends the connection"(url) {
    await endsIt(url, "40");
  },
};

/** This needs a server that loses patience soon. */
export const silence = {
  async "a client that joins no namespace is given up"(url) {
    const socket = await open(url);
    for (;;) {
      const { type, data } = await socket.next();
      if (data === "2") socket.send("3");
      if (type === "close" || type === "end") return;
    }
  },
};

export const disconnect = {
  async "from the root namespace, and back, with a new id"(url) {
    const socket = await open(url);
    const before = await join(socket, "");
    socket.send("41");
    // The reference takes a moment to notice, and until then another CONNECT is a mistake.
    await join(socket, "/custom,");
    assert.notEqual(await join(socket, ""), before);
  },
  async "from one namespace, the other goes on"(url) {
    const socket = await joined(url);
    await join(socket, "/custom,");
    socket.send("41/custom,");
    socket.send('42["message","to the root"]');
    assert.equal(await socket.text(), '42["message-back","to the root"]');
  },
  async "an event to a namespace that was left ends the connection"(url) {
    const socket = await joined(url);
    socket.send("41");
    await join(socket, "/custom,");
    socket.send('42["message",1]');
    await socket.closed();
  },
  async "by the server, from the namespace"(url) {
    const socket = await joined(url);
    await join(socket, "/custom,");
    socket.send('42/custom,["disconnect-me",false]');
    assert.equal(await socket.text(), "41/custom,");
    socket.send('42["message",1]');
    assert.equal(await socket.text(), '42["message-back",1]');
  },
  async "by the server, with the connection"(url) {
    const socket = await joined(url);
    socket.send('42["disconnect-me",true]');
    assert.equal(await socket.text(), "41");
    await socket.closed();
  },
};

const BYTES = [Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])];
const TWO = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';

export const events = {
  async "with arguments of every kind"(url) {
    await echoes(url, ['42["message",1,"2",{"3":[true,null]},-0.5]'], ['42["message-back",1,"2",{"3":[true,null]},-0.5]']);
  },
  async "without arguments"(url) {
    await echoes(url, ['42["message"]'], ['42["message-back"]']);
  },
  async "of another namespace"(url) {
    await echoes(url, ['42/custom,["message",[]]'], ['42/custom,["message-back",[]]'], "/custom,");
  },
  async "with attachments"(url) {
    await echoes(url, [`452-["message",${TWO}]`, ...BYTES], [`452-["message-back",${TWO}]`, ...BYTES]);
  },
  async "with attachments deep inside"(url) {
    const inner = '{"a":[{"_placeholder":true,"num":0}],"b":null}';
    await echoes(url, [`451-["message",${inner}]`, BYTES[0]], [`451-["message-back",${inner}]`, BYTES[0]]);
  },
  async "with attachments, in another namespace"(url) {
    const one = '{"_placeholder":true,"num":0}';
    const sent = [`451-/custom,["message",${one}]`, BYTES[0]];
    await echoes(url, sent, [`451-/custom,["message-back",${one}]`, BYTES[0]], "/custom,");
  },
  async "a thousand in order"(url) {
    const numbers = Array.from({ length: 1000 }, (_, index) => index);
    const sent = numbers.map((number) => `42["message",${number}]`);
    await echoes(url, sent, numbers.map((number) => `42["message-back",${number}]`));
  },
};

export const acknowledgements = {
  async "the server answers"(url) {
    await echoes(url, ['42456["message-with-ack",1,"2",{"3":[false]}]'], ['43456[1,"2",{"3":[false]}]']);
  },
  async "the server answers with nothing, and to the id 0"(url) {
    await echoes(url, ['420["message-with-ack"]'], ["430[]"]);
  },
  async "the server answers in another namespace"(url) {
    await echoes(url, ['42/custom,7["message-with-ack",1]'], ["43/custom,7[1]"], "/custom,");
  },
  async "the server answers with attachments"(url) {
    await echoes(url, [`452-789["message-with-ack",${TWO}]`, ...BYTES], [`462-789[${TWO}]`, ...BYTES]);
  },
  async "the client answers"(url) {
    const socket = await joined(url);
    socket.send('42["ask","really"]');
    const [, id] = /^42(\d+)\["question","really"\]$/.exec(await socket.text());
    socket.send(`43${id}["yes"]`);
    assert.equal(await socket.text(), '42["answered","yes"]');
  },
  async "the client answers twice, which counts once, and to no question"(url) {
    const socket = await joined(url);
    socket.send('42["ask",1]');
    const [, id] = /^42(\d+)\["question",1\]$/.exec(await socket.text());
    socket.send(`43${id}[1]`);
    socket.send(`43${id}[2]`);
    socket.send("4399999[3]");
    socket.send('42["message","after"]');
    assert.deepEqual(await messages(socket, 2), ['42["answered",1]', '42["message-back","after"]']);
  },
};

export const mistakes = {
  "an unknown type ends the connection": (url) => endsIt(url, "4abc"),
  "a payload that is no array ends the connection": (url) => endsIt(url, "42{}"),
  "an id that is no number ends the connection": (url) => endsIt(url, '42abc["message-with-ack",1]'),
  "JSON that is cut off ends the connection": (url) => endsIt(url, '42["message"'),
  "an event without a name ends the connection": (url) => endsIt(url, "42[]"),
  "the name of a lifecycle event ends the connection": (url) => endsIt(url, '42["disconnect"]'),
  "a text where an attachment is due ends the connection": (url) => endsIt(url, `452-["message",${TWO}]`, '42["message",1]'),
  "an attachment that nobody announced ends the connection": (url) => endsIt(url, BYTES[0]),
  "a number of attachments that is none ends the connection": (url) => endsIt(url, '45x-["message",1]'),
  "more attachments than are allowed end the connection": (url) => endsIt(url, '4511-["message",1]'),
};
