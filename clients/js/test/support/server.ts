/** The server's side of the protocol in few words, for the client's tests. It throws when the client breaks a rule. */

import { readBody, writeBody } from "../../src/body.js";
import { CLOSE, type Wire } from "../../src/packet.js";
import { isRecord, readRecord } from "../../src/records.js";

export interface Connection {
  send(data: Wire): void;
  close(code: number): void;
}

interface Held {
  seq: number;
  ack: number;
  answer(body: string): void;
}

export class FakeServer {
  readonly sessions: FakeSession[] = [];
  readonly handshake = { pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 100_000 };
  readonly offer = { window: 20_000, expiry: 60_000, carriers: ["websocket", "long-poll", "periodic"], period: 5_000 };
  /** Requests and attaches, one word each. */
  readonly log: string[] = [];

  get session(): FakeSession {
    const session = this.sessions.at(-1);
    if (!session) throw new Error("there is no session");
    return session;
  }

  find(query: URLSearchParams): FakeSession | null {
    if (query.get("EIO") !== "4" || query.get("transport") !== "adaptive") throw new Error(`not ours: ${query}`);
    const [sid, key] = [query.get("sid"), query.get("key")];
    if ((sid === null) === (key === null)) throw new Error(`a session has one name: ${query}`);
    const found = this.sessions.find((it) => !it.isGone && (sid === null ? it.key === key : it.sid === sid));
    if (found || key === null) return found ?? null;
    if (!/^[\w-]{22,64}$/.test(key)) throw new Error(`no key: ${key}`);
    const session = new FakeSession(this, `sid${this.sessions.length + 1}`, key);
    this.sessions.push(session);
    return session;
  }

  post(query: URLSearchParams, body: string): Promise<string> {
    return new Promise((answer) => {
      const session = this.find(query);
      if (!session) return answer("xgone\x1e");
      session.request(query, body, answer);
    });
  }

  connect(query: URLSearchParams, connection: Connection): (data: Wire) => void {
    let session: FakeSession | null = null;
    let number = 0;
    return (data) => {
      const record = typeof data === "string" && isRecord(data) ? readRecord(data) : null;
      if (record?.type === "ask") connection.send(`o${record.id}`);
      else if (record?.type === "attach") {
        session = this.find(query);
        number = record.first;
        if (!session) {
          connection.send("xgone");
          connection.close(1008);
        } else session.attach(record, connection);
      } else if (record?.type === "first") number = record.first;
      else if (record?.type === "received") session?.acknowledge(record.count);
      else if (record === null) {
        session?.accept(number, data, connection);
        number += 1;
      }
    };
  }
}

export class FakeSession {
  /** All packets of the client, each once, in order. */
  readonly received: Wire[] = [];
  /** All packets for the client; the first is number 1. */
  readonly sent: Wire[] = [];
  readonly server: FakeServer;
  readonly sid: string;
  readonly key: string;
  epoch = 0;
  carrier = "";
  acked = 0;
  isGone = false;
  /** Whether it tells the client what it has received, and sends anything at all. */
  isMute = false;
  repeats = 0;
  #socket: Connection | null = null;
  #held: Held | null = null;
  #highest = 0;
  #isTelling = false;

  constructor(server: FakeServer, sid: string, key: string) {
    [this.server, this.sid, this.key] = [server, sid, key];
    this.sent.push(`0${JSON.stringify({ sid, upgrades: [], ...server.handshake, adaptive: server.offer })}`);
  }

  get messages(): string[] {
    return this.received.filter((wire): wire is string => typeof wire === "string" && wire.startsWith("4")).map((wire) => wire.slice(1));
  }

  send(...packets: Wire[]): void {
    this.sent.push(...packets);
    if (this.isMute) return;
    packets.forEach((packet) => {
      if (packet.length >= 16_384) {
        this.#socket?.send(`l${packet.length}`);
        // Records may come between the two.
        this.tell(this.received.length);
      }
      this.#socket?.send(packet);
    });
    this.#answerHeld();
  }

  /** Asks on the WebSocket whether the client is there. */
  ask(): void {
    this.#socket?.send("p1");
  }

  /** Tells a received count on the WebSocket. */
  tell(count: number): void {
    this.#socket?.send(`a${count}`);
  }

  end(reason: string): void {
    this.isGone = reason !== "stale";
    this.#socket?.send(`x${reason}`);
    this.#socket?.close(1008);
    this.#held?.answer(`x${reason}\x1e`);
    this.#socket = this.#held = null;
  }

  cut(): void {
    this.#socket?.close(1006);
    this.#socket = null;
  }

  attach({ epoch, ack, first }: { epoch: number; ack: number; first: number }, connection: Connection): void {
    this.server.log.push(`attach ${epoch}`);
    if (epoch <= this.epoch) {
      connection.send("xstale");
      return connection.close(1000);
    }
    this.#supersede(epoch, "websocket");
    this.acknowledge(ack);
    if (first > this.received.length + 1) throw new Error(`a gap before ${first}`);
    this.#socket = connection;
    connection.send(`t${epoch},${this.received.length},${ack + 1}`);
    if (!this.isMute) this.sent.slice(ack).forEach((packet) => connection.send(packet));
  }

  request(query: URLSearchParams, body: string, answer: (body: string) => void): void {
    const [epoch, ack, seq] = ["epoch", "ack", "seq"].map((name) => Number(query.get(name))) as [number, number, number];
    const carrier = query.get("carrier") ?? "";
    const hold = query.has("hold") ? Number(query.get("hold")) : 25_000;
    this.server.log.push(`${carrier} ${epoch}${carrier === "long-poll" ? ` hold ${hold}` : ""}`);
    if (!epoch || !seq) throw new Error(`a bad query: ${query}`);
    if (epoch < this.epoch || (epoch === this.epoch && carrier !== this.carrier)) return answer("xstale\x1e");
    const attaches = epoch > this.epoch;
    if (attaches) this.#supersede(epoch, carrier);
    this.acknowledge(ack);
    let number = 0;
    for (const chunk of readBody(body)) {
      if (chunk.type === "first") number = chunk.first;
      else if (chunk.type === "packet") {
        this.accept(number, chunk.wire, null);
        number += 1;
      }
    }
    const mayCarry = carrier === "periodic" || (hold > 0 && seq >= this.#highest);
    if (!mayCarry) return answer(this.#body([]));
    this.#highest = seq;
    this.#held?.answer(this.#body([]));
    this.#held = { seq, ack, answer };
    if (carrier === "periodic" || attaches) return this.#release();
    this.#answerHeld();
    const held = this.#held as Held | null;
    if (held) setTimeout(() => this.#held === held && this.#release(), hold);
  }

  accept(number: number, wire: Wire, connection: Connection | null): void {
    if (number <= this.received.length) this.repeats += 1;
    else if (number > this.received.length + 1) throw new Error(`packet ${number} after ${this.received.length}`);
    else this.received.push(wire);
    if (!connection) return;
    if (!this.#isTelling) {
      this.#isTelling = true;
      setTimeout(() => {
        this.#isTelling = false;
        if (!this.isMute) this.#socket?.send(`a${this.received.length}`);
      }, 200);
    }
    if (wire === CLOSE) {
      connection.send(`a${this.received.length}`);
      connection.close(1000);
      this.isGone = true;
    }
  }

  acknowledge(count: number): void {
    if (count > this.sent.length) throw new Error(`${count} acknowledged, ${this.sent.length} sent`);
    this.acked = Math.max(this.acked, count);
  }

  #supersede(epoch: number, carrier: string): void {
    [this.epoch, this.carrier] = [epoch, carrier];
    this.#socket?.send("xstale");
    this.#socket?.close(1000);
    this.#held?.answer("xstale\x1e");
    this.#socket = this.#held = null;
  }

  #answerHeld(): void {
    if (this.#held && this.sent.length > this.#held.ack && !this.isMute) this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = null;
    held?.answer(this.#body(this.isMute ? [] : this.sent.slice(held.ack), held.ack + 1));
  }

  #body(packets: Wire[], first = 0): string {
    return writeBody([`a${this.received.length}`, ...(packets.length > 0 ? [`s${first}`] : [])], packets);
  }
}
