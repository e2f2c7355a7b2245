import { type Carrier, type CarrierEvents, type Shared } from "./carrier.js";
import { Requests } from "./http.js";
import { HELD, SHORT_HOLD } from "./timing.js";

/** The server, or a proxy, that answers held requests at once with nothing is not asked more often than this. */
const SPACING = 100;

interface Poll {
  abort: AbortController;
  hold: number;
  /** Whether it gives the carrier its epoch. */
  attaches: boolean;
}

/** One request that the server holds until it has a packet, and others beside it that carry those of the client. */
export class LongPollCarrier implements Carrier {
  readonly tier = "long-poll";
  readonly #shared: Shared;
  readonly #events: CarrierEvents;
  readonly #requests: Requests;
  #epoch = 0;
  #hasAnswered = false;
  #trial = false;
  #poll: Poll | null = null;
  #isSending = false;

  constructor(shared: Shared, events: CarrierEvents) {
    this.#shared = shared;
    this.#events = events;
    this.#requests = new Requests("long-poll", shared, events);
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  attach(epoch: number, trial: boolean): void {
    this.#epoch = epoch;
    this.#trial = trial;
    this.#hasAnswered = false;
    if (this.#events.isSender()) this.#shared.link.rewind();
    this.#isSending = false;
    // The server answers it at once, so that it shows that requests pass, but not whether they may be held.
    this.#startPoll(true);
    this.flush();
  }

  probe(): void {
    throw new Error("only a WebSocket is probed");
  }

  flush(): void {
    if (this.#epoch > 0) void this.#send();
  }

  retime(): void {
    // A newer request that may be held releases the older one.
    if (this.#poll && this.#poll.hold > this.#hold) this.#startPoll(false);
  }

  doubt(): void {
    if (this.#poll) this.#startPoll(false, SHORT_HOLD);
  }

  acknowledge(): void {
    this.#requests.acknowledge({ epoch: this.#epoch, hold: 0 });
  }

  stop(): void {
    this.#requests.stop();
  }

  get #hold(): number {
    return this.#trial ? SHORT_HOLD : this.#shared.hold();
  }

  #startPoll(attaches: boolean, hold = this.#hold): void {
    if (this.#poll) this.#requests.abandon(this.#poll.abort);
    const poll = { abort: new AbortController(), hold, attaches };
    this.#poll = poll;
    void this.#receive(poll);
  }

  async #receive(poll: Poll): Promise<void> {
    const epoch = this.#epoch;
    const answer = await this.#requests.exchange({ epoch, hold: poll.hold, attaches: poll.attaches }, poll.abort);
    if (!answer || this.#poll !== poll) return;
    this.#hasAnswered = true;
    this.flush();
    if (!this.#trial || (!poll.attaches && (answer.packets > 0 || answer.ms >= HELD))) {
      this.#trial = false;
      this.#events.proved();
    }
    if (!poll.attaches && answer.packets === 0 && answer.ms < SPACING) await this.#pause(SPACING);
    // Whoever was told may have stopped or attached it.
    if (this.#poll === poll && !this.#requests.isOver) this.#startPoll(false);
  }

  /** Sends what waits. One request at a time has packets. */
  async #send(): Promise<void> {
    const { clock, link } = this.#shared;
    const maxPayload = this.#shared.maxPayload();
    if (this.#isSending || this.#requests.isOver || !this.#events.isSender() || !link.waiting) return;
    this.#isSending = true;
    const epoch = this.#epoch;
    const first = link.next;
    const packets = link.take(clock.now(), maxPayload);
    const answer = await this.#requests.exchange({ epoch, packets, first, hold: 0 });
    if (!answer || epoch !== this.#epoch) return;
    this.#isSending = false;
    this.#hasAnswered = true;
    if (!this.#trial) this.#events.proved();
    this.flush();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#shared.clock.after(ms, resolve));
  }
}
