// HTTP/1.1 that says exactly what a test says, each request on a connection of its own.
import { connect } from "node:net";

/**
 * Sends bytes and resolves with the answer, or with `null` if the connection ends without one.
 *
 * @param {string} url where the server listens
 * @param {...(string | Buffer)} parts what is sent
 * @returns {Promise<{status: number, headers: Record<string, string>, body: string} | null>}
 */
export function exchange(url, ...parts) {
  return open(url, ...parts).answer;
}

/** As `exchange`, for a connection that the test wants to abort. */
export function open(url, ...parts) {
  const { hostname, port } = new URL(url);
  const stream = connect({ host: hostname, port: Number(port) });
  let received = Buffer.alloc(0);
  const answer = new Promise((resolve, reject) => {
    const settle = (ended) => {
      const parsed = parse(received, ended);
      if (parsed) {
        stream.destroy();
        resolve(parsed);
      } else if (ended) {
        resolve(null);
      }
    };
    stream.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      settle(false);
    });
    stream.on("end", () => settle(true));
    stream.on("close", () => settle(true));
    // A server that refuses a body may reset the connection after its answer.
    stream.on("error", (error) => (error.code === "ECONNREFUSED" ? reject(error) : settle(true)));
  });
  parts.forEach((part) => stream.write(part));
  return { stream, answer };
}

/** The bytes of a request. */
export function requestBytes(method, target, headers = {}, body = undefined) {
  const fields = { Host: "test", Connection: "close", ...headers };
  const content = body === undefined ? Buffer.alloc(0) : Buffer.from(body);
  if (body !== undefined && !("Content-Length" in fields) && !("Transfer-Encoding" in fields)) {
    fields["Content-Length"] = content.length;
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`), content]);
}

export const request = (url, ...what) => exchange(url, requestBytes(...what));
export const get = (url, target, headers) => request(url, "GET", target, headers);
export const post = (url, target, body, headers) => request(url, "POST", target, headers, body);

/** The head of an answer and the bytes behind it. */
export function head(bytes) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first, ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return { status: Number(first.split(" ")[1]), headers, rest: bytes.subarray(end + 4) };
}

function parse(bytes, ended) {
  const parsed = head(bytes);
  if (!parsed) return null;
  const { status, headers, rest } = parsed;
  if (status === 100) return parse(rest, ended);
  if (headers["transfer-encoding"] === "chunked") {
    const body = chunked(rest);
    return body === null ? null : { status, headers, body };
  }
  const length = headers["content-length"];
  if (status === 204 || status === 304) return { status, headers, body: "" };
  // The answer to a HEAD states the length of a body that does not follow.
  const complete = ended || (length !== undefined && rest.length >= Number(length));
  return complete ? { status, headers, body: rest.toString() } : null;
}

function chunked(bytes) {
  const parts = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return null;
    const length = Number.parseInt(bytes.subarray(at, end).toString(), 16);
    at = end + 2;
    if (bytes.length < at + length + 2) return null;
    if (length === 0) return Buffer.concat(parts).toString();
    parts.push(bytes.subarray(at, at + length));
    at += length + 2;
  }
}
