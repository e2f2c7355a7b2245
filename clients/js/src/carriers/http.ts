import { readBody, isGenuine, writeBody } from "../body.js";
import { ProtocolError } from "../errors.js";
import type { Failure } from "../ladder/index.js";
import type { Wire } from "../packet.js";
import * as records from "../records.js";
import { type CarrierEvents, type Shared, transferTime } from "./carrier.js";

export interface Exchange {
  epoch: number;
  packets?: Wire[];
  /** The first of the packets has this number. */
  first?: number;
  /** Milliseconds for which the server may hold it; absent for a carrier whose requests are never held. */
  hold?: number;
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
    const { clock } = this.#shared;
    const started = clock.now();
    this.#underway.add(abort);
    let body: string;
    try {
      body = await this.#transfer(exchange, abort);
    } catch (error) {
      if (abort.signal.reason !== STOPPED) this.#fail(...reasonOf(error, abort.signal));
      return null;
    } finally {
      this.#underway.delete(abort);
    }
    if (this.#isOver || abort.signal.reason === STOPPED) return null;
    const ms = clock.now() - started;
    if (!exchange.hold) this.#events.roundTrip(ms);
    return this.#take(body, exchange.epoch, ms);
  }

  /** Ends a request that is not wanted any more. */
  abandon(abort: AbortController): void {
    abort.abort(STOPPED);
  }

  stop(): void {
    this.#isOver = true;
    this.#underway.forEach((abort) => abort.abort(STOPPED));
  }

  async #transfer({ epoch, packets = [], first = 0, hold }: Exchange, abort: AbortController): Promise<string> {
    const { clock, connect, link, roundTrip } = this.#shared;
    const body = packets.length > 0 ? writeBody([records.first(first)], packets) : writeBody([records.received(link.tell())], []);
    const query = { carrier: this.#carrier, epoch, ack: link.tell(), seq: this.#shared.nextSeq(), ...(hold !== undefined && { hold }) };
    const late = () => abort.abort(LATE);
    let calm = clock.after((hold ?? 0) + CONNECTING * roundTrip.timeout + transferTime(body.length), late);
    try {
      // Never at once, because whoever attaches a carrier does not expect its failure yet.
      const response = await Promise.resolve().then(() => connect.post(query, { body, signal: abort.signal }));
      calm();
      const length = Number(response.headers.get("content-length") ?? this.#shared.maxPayload());
      calm = clock.after(roundTrip.timeout + transferTime(length), late);
      const text = await response.text();
      if (response.status !== 200) throw new Foreign(`HTTP ${response.status}: ${text.slice(0, 200)}`);
      if (!isGenuine(text)) throw new Foreign(`an answer that is not the server's: ${text.slice(0, 200)}`);
      return text;
    } finally {
      calm();
    }
  }

  #take(body: string, epoch: number, ms: number): Answer | null {
    const answer = { packets: 0, bytes: body.length, ms };
    try {
      let number = 0;
      for (const chunk of readBody(body)) {
        if (chunk.type === "packet") {
          if (number === 0) throw new ProtocolError("a packet without a number");
          answer.packets += 1;
          this.#events.packet(number, chunk.wire);
          number += 1;
        } else if (chunk.type === "first") number = chunk.first;
        else if (chunk.type === "received") this.#events.received(chunk.count);
        else if (chunk.type === "period") this.#events.period(chunk.ms);
        else if (chunk.type === "end") {
          this.#events.ended(chunk.reason, epoch);
          return null;
        }
      }
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

/** How many time-outs a request may take beside its transfer, because it may have to open a connection. */
const CONNECTING = 3;
const STOPPED = "stopped";
const LATE = "late";

class Foreign extends Error {}

function reasonOf(error: unknown, signal: AbortSignal): [Failure, string] {
  if (signal.reason === LATE) return ["silent", "a request was not answered in time"];
  if (error instanceof Foreign) return ["foreign", error.message];
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  return [code === "ECONNREFUSED" ? "refused" : "error", `a request failed: ${code ?? String(error)}`];
}
