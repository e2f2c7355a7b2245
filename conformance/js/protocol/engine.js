// What Engine.IO, revision 4, asks of a server. Each case gets the URL of one that sends every message back.
// https://github.com/socketio/engine.io-protocol
import assert from "node:assert/strict";
import { get, open, post, request, requestBytes } from "../raw/http.js";
import { RawWebSocket } from "../raw/websocket.js";

const POLLING = "/engine.io/?EIO=4&transport=polling";
const WEBSOCKET = "/engine.io/?EIO=4&transport=websocket";

/** Opens a session over polling and gives the target of its requests. */
async function session(url) {
  const { status, body } = await get(url, POLLING);
  assert.equal(status, 200);
  return `${POLLING}&sid=${JSON.parse(body.slice(1)).sid}`;
}

async function websocket(url) {
  const socket = await RawWebSocket.open(url, WEBSOCKET);
  assert.ok((await socket.text()).startsWith("0{"));
  return socket;
}

/** The packets that polls give until there are `count`, without PING. */
async function packets(url, target, count) {
  const found = [];
  while (found.length < count) {
    const { status, body } = await get(url, target);
    assert.equal(status, 200);
    found.push(...body.split("\x1e").filter((packet) => packet !== "2" && packet !== "6"));
  }
  return found;
}

async function refused(url, code, method, target, headers) {
  const { status, body } = await request(url, method, target, headers);
  assert.deepEqual([status, JSON.parse(body).code], [400, code], `${method} ${target}`);
}

async function gone(url, target) {
  await refused(url, 1, "GET", target);
}

function isHandshake(packet, upgrades) {
  assert.equal(packet[0], "0");
  const handshake = JSON.parse(packet.slice(1));
  assert.deepEqual(Object.keys(handshake).sort(), ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"]);
  assert.deepEqual([handshake.upgrades, handshake.maxPayload], [upgrades, 1_000_000]);
  assert.ok(typeof handshake.sid === "string" && handshake.sid.length > 0);
}

/** A WebSocket that has taken over a session. */
async function upgrade(url, target) {
  const socket = await RawWebSocket.open(url, target.replace("polling", "websocket"));
  socket.send("2probe");
  assert.equal(await socket.text(), "3probe");
  socket.send("5");
  socket.send("4moved");
  assert.equal(await socket.text(), "4moved");
  return socket;
}

export const handshake = {
  async "a GET opens a session"(url) {
    const { status, headers, body } = await get(url, POLLING);
    assert.deepEqual([status, headers["content-type"]], [200, "text/plain; charset=UTF-8"]);
    isHandshake(body, ["websocket"]);
  },
  async "every session has an id of its own"(url) {
    const targets = await Promise.all(Array.from({ length: 20 }, () => session(url)));
    assert.equal(new Set(targets).size, 20);
  },
  async "the revision must be one that the server speaks"(url) {
    for (const revision of ["", "EIO=abc&", "EIO=2&", "EIO=5&", "EIO=&"]) {
      await refused(url, 5, "GET", `/engine.io/?${revision}transport=polling`);
    }
  },
  async "the transport must be one that the server has"(url) {
    for (const transport of ["", "&transport=", "&transport=abc", "&transport=POLLING"]) {
      await refused(url, 0, "GET", `/engine.io/?EIO=4${transport}`);
    }
  },
  async "no other method opens a session"(url) {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) await refused(url, 2, method, POLLING);
  },
  async "a session that does not exist is unknown to every transport"(url) {
    await refused(url, 1, "GET", `${POLLING}&sid=abc`);
    await refused(url, 1, "POST", `${POLLING}&sid=abc`);
    const socket = await RawWebSocket.open(url, `${WEBSOCKET}&sid=abc`);
    assert.equal(socket.status, 400);
  },
  async "a WebSocket opens a session that offers no upgrade"(url) {
    const socket = await RawWebSocket.open(url, WEBSOCKET);
    assert.equal(socket.status, 101);
    assert.equal(socket.headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    isHandshake(await socket.text(), []);
  },
  async "a WebSocket with a wrong query is refused"(url) {
    for (const query of ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4", "EIO=4&transport=abc"]) {
      const socket = await RawWebSocket.open(url, `/engine.io/?${query}`);
      // The reference accepts some of them and then closes.
      if (socket.status !== 400) await socket.closed();
    }
  },
  async "a plain GET is no WebSocket"(url) {
    await refused(url, 3, "GET", WEBSOCKET);
  },
};

export const messages = {
  async "one text over polling"(url) {
    const target = await session(url);
    const posted = await post(url, target, "4hello");
    assert.deepEqual([posted.status, posted.body], [200, "ok"]);
    assert.deepEqual(await packets(url, target, 1), ["4hello"]);
  },
  async "several texts in one payload"(url) {
    const target = await session(url);
    assert.equal((await post(url, target, "4one\x1e4two\x1e4three")).body, "ok");
    assert.deepEqual(await packets(url, target, 3), ["4one", "4two", "4three"]);
  },
  async "text and base64 in one payload"(url) {
    const target = await session(url);
    assert.equal((await post(url, target, "4text\x1ebAQIDBA==\x1eb\x1e4")).body, "ok");
    assert.deepEqual(await packets(url, target, 4), ["4text", "bAQIDBA==", "b", "4"]);
  },
  async "text of every width"(url) {
    const target = await session(url);
    assert.equal((await post(url, target, "4é€😀")).body, "ok");
    assert.deepEqual(await packets(url, target, 1), ["4é€😀"]);
    const socket = await websocket(url);
    socket.send("4é€😀");
    assert.equal(await socket.text(), "4é€😀");
  },
  async "a body that is no payload ends the session"(url) {
    for (const body of ["abc", "7", "4ok\x1exyz"]) {
      const target = await session(url);
      await post(url, target, body);
      await gone(url, target);
    }
  },
  async "text over a WebSocket"(url) {
    const socket = await websocket(url);
    socket.send("4hello");
    assert.equal(await socket.text(), "4hello");
  },
  async "bytes over a WebSocket"(url) {
    const socket = await websocket(url);
    socket.send(Buffer.from([4, 0, 255]));
    assert.deepEqual(await nextMessage(socket), { type: "binary", data: Buffer.from([4, 0, 255]) });
  },
  async "a message in fragments is one message"(url) {
    const socket = await websocket(url);
    socket.frame({ fin: false, opcode: 1, payload: Buffer.from("4in ") });
    socket.frame({ opcode: 9, payload: Buffer.from("between") });
    socket.frame({ fin: false, opcode: 0, payload: Buffer.from("three ") });
    socket.frame({ opcode: 0, payload: Buffer.from("parts") });
    assert.deepEqual(await nextMessage(socket), { type: "pong", data: "between" });
    assert.equal(await socket.text(), "4in three parts");
  },
  async "a text that is no packet ends a WebSocket's session"(url) {
    for (const text of ["abc", "9", ""]) {
      const socket = await websocket(url);
      socket.send(text);
      await socket.closed();
    }
  },
};

export const polls = {
  async "two polls at once end the session"(url) {
    const target = await session(url);
    const first = open(url, requestBytes("GET", target));
    // The server has the first once it has answered what came after it on the same connection's loop.
    await post(url, target, "3");
    const second = await get(url, `${target}&t=2`);
    assert.ok([400, 500].includes(second.status));
    assert.equal((await first.answer)?.body, "1");
    await gone(url, target);
  },
  async "a poll that is aborted ends the session"(url) {
    const target = await session(url);
    const { stream } = open(url, requestBytes("GET", target));
    await post(url, target, "3");
    stream.destroy();
    for (;;) {
      // The server learns of it a moment later.
      const answer = await post(url, target, "3");
      if (answer.status === 400) break;
    }
    await gone(url, target);
  },
};

export const heartbeat = {
  async "PING comes over polling as long as PONG goes back"(url) {
    const target = await session(url);
    for (let round = 0; round < 3; round += 1) {
      assert.equal((await get(url, target)).body, "2");
      assert.equal((await post(url, target, "3")).body, "ok");
    }
  },
  async "PING comes over a WebSocket as long as PONG goes back"(url) {
    const socket = await websocket(url);
    for (let round = 0; round < 3; round += 1) {
      assert.deepEqual(await socket.next(), { type: "text", data: "2" });
      socket.send("3");
    }
  },
};

/** These need a server that loses patience soon. */
export const silence = {
  async "a polling client that says nothing is given up"(url) {
    const target = await session(url);
    // Another silent client, whose end shows that the time of the first is over too.
    const later = await websocket(url);
    await later.closed();
    await gone(url, target);
  },
  // At once, but the reference waits until its patience is over.
  async "a WebSocket client closes"(url) {
    const socket = await websocket(url);
    socket.send("1");
    await socket.closed();
  },
  async "a WebSocket client that says nothing is given up"(url) {
    const socket = await websocket(url);
    await socket.closed();
  },
};

export const close = {
  async "a polling client closes, and its poll is released"(url) {
    const target = await session(url);
    const waiting = open(url, requestBytes("GET", target));
    await post(url, target, "6");
    await post(url, target, "1");
    assert.equal((await waiting.answer).body, "6");
    await gone(url, target);
  },
};

export const upgrades = {
  async "a probe is answered, the poll released, and messages go on"(url) {
    const target = await session(url);
    const socket = await RawWebSocket.open(url, target.replace("polling", "websocket"));
    socket.send("2probe");
    assert.equal(await socket.text(), "3probe");
    assert.equal((await get(url, target)).body, "6");
    socket.send("5");
    socket.send("4hello");
    assert.equal(await socket.text(), "4hello");
  },
  async "what was sent before comes over the WebSocket, in order"(url) {
    const target = await session(url);
    assert.equal((await post(url, target, "4one\x1e4two")).body, "ok");
    const socket = await RawWebSocket.open(url, target.replace("polling", "websocket"));
    socket.send("2probe");
    assert.equal(await socket.text(), "3probe");
    socket.send("5");
    socket.send("4three");
    assert.deepEqual([await socket.text(), await socket.text(), await socket.text()], ["4one", "4two", "4three"]);
  },
  async "the session is on polling no more"(url) {
    const target = await session(url);
    const socket = await upgrade(url, target);
    await refused(url, 3, "GET", target);
    await refused(url, 3, "POST", target);
    socket.send("4still here");
    assert.equal(await socket.text(), "4still here");
  },
  async "a second WebSocket for the session is closed, the first stays"(url) {
    const target = await session(url);
    const first = await upgrade(url, target);
    const second = await RawWebSocket.open(url, target.replace("polling", "websocket"));
    await second.closed();
    first.send("4still here");
    assert.equal(await first.text(), "4still here");
  },
  async "a probe that is cut leaves the session on polling"(url) {
    const target = await session(url);
    for (const said of [[], ["2probe"]]) {
      const socket = await RawWebSocket.open(url, target.replace("polling", "websocket"));
      said.forEach((text) => socket.send(text));
      if (said.length > 0) assert.equal(await socket.text(), "3probe");
      await socket.destroy();
      assert.equal((await post(url, target, "4kept")).body, "ok");
      assert.deepEqual(await packets(url, target, 1), ["4kept"]);
    }
  },
};

/** The next event that is no PING of Engine.IO. */
async function nextMessage(socket) {
  for (;;) {
    const event = await socket.next();
    if (event.data !== "2") return event;
  }
}
