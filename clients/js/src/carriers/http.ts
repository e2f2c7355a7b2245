import { type Chunk, isGenuine, readBody, writeBody } from "../body.js";
import { Timer } from "../clock.js";
import { ProtocolError } from "../errors.js";
import type { Failure } from "../ladder/index.js";
import type { Link } from "../link.js";
import type { Wire } from "../packet.js";
import * as records from "../records.js";
import type { CarrierEvents, Shared } from "./carrier.js";
import { Foreign, readText } from "./response.js";
import { answerTime, transferTime } from "./timing.js";

export interface Exchange {
  epoch: number;
  packets?: Wire[];
  /** The first of the packets has this number. */
  first?: number;
  /** Milliseconds for which the server may hold it; absent for a carrier whose requests are never held. */
  hold?: number;
  /** Whether it gives the carrier its epoch: such a request is answered at once. */
  attaches?: boolean;
}

/** What the server answered, after it was taken to heart. */
export interface Answer {
  /** Packets in it, repeats too, and their length. */
  packets: number;
  bytes: number;
  /** How long it took. */
  ms: number;
}

/** Makes the requests of a long-poll or periodic carrier. */
export class Requests {
  readonly #carrier: "long-poll" | "periodic";
  readonly #shared: Shared;
  readonly #events: CarrierEvents;
  readonly #underway = new Set<AbortController>();
  /** The newest with which a request was made. */
  #epoch = 0;
  #isOver = false;

  constructor(carrier: "long-poll" | "periodic", shared: Shared, events: CarrierEvents) {
    this.#carrier = carrier;
    this.#shared = shared;
    this.#events = events;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** One request and its answer; null if it failed, which has been reported, or was aborted. */
  async exchange(exchange: Exchange, abort = new AbortController()): Promise<Answer | null> {
    this.#epoch = Math.max(this.#epoch, exchange.epoch);
    this.#underway.add(abort);
    let transferred: Transferred;
    try {
      transferred = await this.#transfer(exchange, abort);
    } catch (error) {
      if (abort.signal.reason !== STOPPED) this.#fail(...reasonOf(error, abort.signal));
      return null;
    } finally {
      this.#underway.delete(abort);
    }
    if (this.#isOver || abort.signal.reason === STOPPED) return null;
    return this.#take(transferred, exchange.epoch);
  }

  /** One last request, whose answer nobody waits for. */
  acknowledge(exchange: Exchange): void {
    void this.#transfer(exchange, new AbortController()).catch(() => undefined);
  }

  /** Ends a request that is not wanted any more. */
  abandon(abort: AbortController): void {
    abort.abort(STOPPED);
  }

  stop(): void {
    this.#isOver = true;
    this.#underway.forEach((abort) => abort.abort(STOPPED));
  }

  async #transfer({ epoch, packets = [], first = 0, hold, attaches = false }: Exchange, abort: AbortController): Promise<Transferred> {
    const { clock, connect, expectingSince, link, roundTrip } = this.#shared;
    const body = packets.length > 0 ? writeBody([records.first(first)], packets) : writeBody([records.received(link.tell())], []);
    const query = { carrier: this.#carrier, epoch, ack: link.tell(), seq: this.#shared.nextSeq(), ...(hold !== undefined && { hold }) };
    const held = attaches ? 0 : (hold ?? 0);
    const asked = { carrier: this.#carrier, attaches, expecting: expectingSince() !== null };
    const deadline = new Timer(clock, () => abort.abort(LATE));
    const started = clock.now();
    deadline.set(started + answerTime(roundTrip, { ...asked, hold: held }) + transferTime(body.length));
    // From the first byte of the answer on, each part is waited for. Some proxies begin before the server does.
    const heard = (bytes = 0) => {
      const next = clock.now() + answerTime(roundTrip, { ...asked, hold: 0 }) + transferTime(bytes);
      deadline.set(Math.max(next, deadline.at ?? next));
    };
    try {
      // Never at once, because whoever attaches a carrier does not expect its failure yet.
      const response = await Promise.resolve().then(() => connect.post(query, { body, signal: abort.signal }));
      if (held === 0 && body.length <= MEASURED && !this.#isOver) this.#events.roundTrip(started);
      const { text, bytes } = await readText(response, this.#shared.maxPayload(), heard);
      if (response.status !== 200) throw new Foreign(`HTTP ${response.status}: ${text.slice(0, 200)}`);
      if (!isGenuine(text)) throw new Foreign(`an answer that is not the server's: ${text.slice(0, 200)}`);
      return { text, bytes, ms: clock.now() - started };
    } finally {
      deadline.set(null);
    }
  }

  #take({ text, bytes, ms }: Transferred, epoch: number): Answer | null {
    const answer = { packets: 0, bytes, ms };
    try {
      const chunks = readBody(text);
      const said = chunks.next().value;
      if (said?.type === "end") {
        // That an older epoch is stale is no news to a carrier that has a newer one.
        if (said.reason !== "stale" || epoch === this.#epoch) this.#events.ended(said.reason, epoch);
        return null;
      }
      if (said?.type !== "received") throw new ProtocolError("a response without a received count");
      this.#events.received(said.count);
      const packets = new Numbered(this.#shared.link, this.#events);
      for (const chunk of chunks) packets.take(chunk);
      answer.packets = packets.count;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail("foreign", error.message);
      return null;
    }
    return answer;
  }

  #fail(failure: Failure, detail: string): void {
    if (this.#isOver) return;
    this.stop();
    this.#events.failed(failure, detail);
  }
}

/** The time of a request with a longer body says more about the transfer than about the way. */
const MEASURED = 4 * 1024;
const STOPPED = "stopped";
const LATE = "late";

interface Transferred {
  text: string;
  bytes: number;
  /** How long it took. */
  ms: number;
}

/** What comes behind the received count in a response. */
class Numbered {
  count = 0;
  readonly #link: Link;
  readonly #events: CarrierEvents;
  /** Number of the next packet; 0 before one is stated. */
  #next = 0;

  constructor(link: Link, events: CarrierEvents) {
    this.#link = link;
    this.#events = events;
  }

  take(chunk: Chunk): void {
    switch (chunk.type) {
      case "packet":
        if (this.#next === 0) throw new ProtocolError("a packet without a number");
        this.#next += 1;
        this.count += 1;
        return this.#events.packet(this.#next - 1, chunk.wire);
      case "first":
        if (this.#next > 0) throw new ProtocolError("packets are numbered twice");
        this.#link.expectFrom(chunk.first);
        this.#next = chunk.first;
        return;
      case "period":
        return this.#events.period(chunk.ms);
      case "unknown":
        return;
      default:
        throw new ProtocolError(`a record of the type "${chunk.type}" behind the beginning of a response`);
    }
  }
}

function reasonOf(error: unknown, signal: AbortSignal): [Failure, string] {
  if (signal.reason === LATE) return ["silent", "a request was not answered in time"];
  if (error instanceof Foreign) return ["foreign", error.message];
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  return [code === "ECONNREFUSED" ? "refused" : "error", `a request failed: ${code ?? String(error)}`];
}
