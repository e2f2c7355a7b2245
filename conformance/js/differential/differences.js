// Where our server differs from the reference on purpose, and why.

/** Whether an answer is one to HTTP; the acceptance of a WebSocket has headers of its own. */
const isPlain = (answer) => "content-type" in answer || "cache-control" in answer;

/** Headers that differ in every answer. `holds` says what ours must be; then they are not compared. */
export const HEADERS = [
  {
    header: "x-accel-buffering",
    reason: "nginx would otherwise collect an answer before it passes it on",
    holds: (value, answer) => !isPlain(answer) || value === "no",
  },
  {
    header: "x-content-type-options",
    reason: "no browser shall take a payload for a page",
    holds: (value, answer) => !isPlain(answer) || value === "nosniff",
  },
  {
    header: "access-control-allow-credentials",
    reason: "it means nothing for an origin that is not let in",
    holds: (value, answer) => (value === "true") === "access-control-allow-origin" in answer,
  },
  {
    header: "cache-control",
    reason: "answers must neither be kept nor transformed by proxies, errors included",
    holds: (value, answer) => !("content-type" in answer) || value === "no-store, no-transform",
  },
];

const error = (code, message) => JSON.stringify({ code, message });
const BAD_REQUEST = error(3, "Bad request");
const UNKNOWN_SESSION = error(1, "Session ID unknown");
const UNSUPPORTED = error(5, "Unsupported protocol version");
const OPEN = '0{"sid":"…","upgrades":["websocket"],"pingInterval":300,"pingTimeout":20000,"maxPayload":1000000}';

const json = (body) => ({ status: 400, "content-type": "application/json", body });
const ok = { status: 200, "content-type": "text/html", body: "ok" };
const opened = { status: 200, "content-type": "text/plain; charset=UTF-8", body: OPEN };
const same = (names, expected) => Object.fromEntries(names.map((name) => [name, expected]));

/** Each row with exactly what differs in it. */
export const DIFFERENCES = [
  {
    reason: "a path is ours with and without the slash at its end, and nothing else is",
    rows: {
      "open: path without the trailing slash": { ours: { ...opened, vary: "Origin" }, theirs: "no answer" },
      "open: path with more behind it": { ours: { status: 404, body: "" }, theirs: { status: 200, body: OPEN } },
      "open: another path": {
        ours: { status: 404, "content-type": "text/plain; charset=UTF-8", body: "", vary: "Origin" },
        theirs: "no answer",
      },
    },
  },
  {
    reason: "no value of the protocol needs escapes, and clients write none",
    rows: { "open: EIO escaped": { ours: json(UNSUPPORTED), theirs: opened } },
  },
  {
    reason: "a query that does not fit is refused before the 101, where a client sees the reason",
    rows: {
      "open: polling with an upgrade": {
        ours: { status: 400, body: BAD_REQUEST, "sec-websocket-accept": null },
        theirs: { status: 101, body: "", "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
      },
      "websocket: no EIO": { ours: { status: 400, body: UNSUPPORTED }, theirs: ["close 21584"] },
    },
  },
  {
    reason: "a refused WebSocket gets the same JSON as every other refused request",
    rows: {
      "websocket: unknown transport": {
        ours: { body: error(0, "Transport unknown") },
        theirs: { body: "Transport unknown" },
      },
      "websocket: unknown sid": { ours: { body: UNKNOWN_SESSION }, theirs: { body: "Session ID unknown" } },
      "websocket: version 12": {
        ours: { body: BAD_REQUEST },
        theirs: { body: "Missing or invalid Sec-WebSocket-Version header" },
      },
      ...same(["websocket: no key", "websocket: a key that is none"], {
        ours: { body: BAD_REQUEST },
        theirs: { body: "Missing or invalid Sec-WebSocket-Key header" },
      }),
      "websocket: another protocol": { ours: { body: BAD_REQUEST }, theirs: { body: "Invalid Upgrade header" } },
    },
  },
  {
    reason: "a subprotocol is not agreed on that nobody speaks",
    rows: {
      "websocket: a subprotocol is offered": {
        ours: { "sec-websocket-protocol": null },
        theirs: { "sec-websocket-protocol": "chat" },
      },
    },
  },
  {
    reason: "a body that ends the session is not answered with ok",
    rows: same(
      ["post: an empty body", "post: no packet", "post: an unknown type", "post: a packet and none", "post: a separator"],
      { ours: { posted: json(BAD_REQUEST) }, theirs: { posted: ok } },
    ),
  },
  {
    reason: "what is not well formed is not guessed at: the client would take it for delivered",
    rows: same(
      [
        "post: base64 that is none",
        "post: base64 without padding",
        "post: bytes that are no UTF-8",
        "post: OPEN of a client",
      ],
      {
        ours: { posted: json(BAD_REQUEST), session: UNKNOWN_SESSION },
        theirs: { posted: ok, session: "lives" },
      },
    ),
  },
  {
    reason: "a packet at a place where the protocol has none ends what it came on, be it a session or a trial",
    rows: {
      "post: UPGRADE": { ours: { session: UNKNOWN_SESSION }, theirs: { session: "lives" } },
      "frame: UPGRADE": { ours: ["close without code"], theirs: ["text 4after"] },
      "upgrade: UPGRADE without a probe": { ours: { told: ["close without code"], session: "lives" }, theirs: "no answer" },
      "upgrade: a probe twice": {
        ours: { told: ["text 3probe", "close without code"], session: "lives" },
        theirs: { told: ["text 3probe", "text 3probe", "text 4a"], session: BAD_REQUEST },
      },
    },
  },
  {
    reason: "what a body is shows in the body; some HTTP clients name a type of their own",
    rows: {
      "post: a content type of bytes": {
        ours: { posted: ok, session: "lives" },
        theirs: { posted: { status: 400, "content-type": null, body: "" }, session: UNKNOWN_SESSION },
      },
    },
  },
  {
    reason: "every answer names its type",
    rows: same(["post: a byte too many", "post: a byte too many, in chunks"], {
      ours: { posted: { "content-type": "text/plain; charset=UTF-8" } },
      theirs: { posted: { "content-type": null } },
    }),
  },
  {
    reason: "a wrong method is the client's mistake, not the server's",
    rows: same(["session: PUT", "session: DELETE"], {
      ours: json(BAD_REQUEST),
      theirs: { status: 500, "content-type": null, body: "" },
    }),
  },
  {
    reason: "the revision is checked in every request",
    rows: { "session: no EIO": { ours: { body: UNSUPPORTED }, theirs: { body: BAD_REQUEST } } },
  },
  {
    reason: "a preflight allows what the protocol uses, only to origins that are let in, and may be remembered",
    rows: {
      "origin, the right one: a preflight": {
        ours: { "access-control-allow-methods": "GET, POST", "access-control-max-age": "7200", vary: "Origin" },
        theirs: {
          "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
          "access-control-max-age": null,
          vary: "Origin, Access-Control-Request-Headers",
        },
      },
      ...same(["origin, none: a preflight", "origin, a stranger: a preflight", "origin, null: a preflight"], {
        ours: { vary: "Origin", "access-control-allow-headers": null, "access-control-allow-methods": null },
        theirs: {
          vary: "Origin, Access-Control-Request-Headers",
          "access-control-allow-headers": "content-type,x-token",
          "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
        },
      }),
    },
  },
  {
    reason: "a client that closes its session is let go at once, not when its patience would be over",
    rows: { "frame: CLOSE": { ours: ["close without code"], theirs: "no answer" } },
  },
  {
    reason: "RFC 6455 §5.2: the highest bit of a length is 0, so this is no length at all",
    rows: { "frame: a length of 2^63": { ours: ["close 1002"], theirs: ["close 1009"] } },
  },
  {
    reason: "spaces are legal in JSON, and no id",
    rows: {
      "socket: an event with spaces": { ours: ['text 42["message-back",1]'], theirs: ['text 420["message-back",1]'] },
    },
  },
  {
    reason: "an id is a number of 64 bits, and comes back as it was",
    rows: {
      "socket: an id of 20 digits": {
        ours: ["text 4312345678901234567890[1]"],
        theirs: ["text 4312345678901234567000[1]"],
      },
    },
  },
  {
    reason: "an acknowledgement that says not of what is no packet",
    rows: {
      "socket: an acknowledgement without an id": { ours: ["close without code"], theirs: "no answer" },
    },
  },
  {
    reason: "a packet that announces no attachments is complete",
    rows: {
      "socket: binary: none announced": { ours: ['text 42["message-back",1]'], theirs: ["close without code"] },
    },
  },
];
