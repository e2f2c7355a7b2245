import { Timer } from "../clock.js";
import { type Carrier, type CarrierEvents, type Shared } from "./carrier.js";
import { Requests } from "./http.js";

/** Requests do not follow each other faster. */
const SPACING = 100;
/** How soon the next follows the answer to one with packets of the client, which are often answered. */
const OFTEN_ANSWERED = 200;

/** Requests that are never held and carry packets in both directions. */
export class PeriodicCarrier implements Carrier {
  readonly tier = "periodic";
  readonly #shared: Shared;
  readonly #events: CarrierEvents;
  readonly #requests: Requests;
  readonly #next: Timer;
  #epoch = 0;
  #isUnderway = false;
  #startedAt = -Infinity;
  /** When the next follows if nothing happens. */
  #interval = 0;

  constructor(shared: Shared, events: CarrierEvents) {
    this.#shared = shared;
    this.#events = events;
    this.#requests = new Requests("periodic", shared, events);
    this.#next = new Timer(shared.clock, () => void this.#exchange());
  }

  attach(epoch: number): void {
    this.#epoch = epoch;
    this.#shared.link.rewind();
    // The answer to an older one is not waited for.
    void this.#exchange();
  }

  probe(): void {
    throw new Error("only a WebSocket is probed");
  }

  flush(): void {
    if (this.#epoch > 0 && !this.#isUnderway && this.#shared.link.waiting) this.#schedule(SPACING);
  }

  retime(): void {
    if (this.#epoch > 0 && !this.#isUnderway) this.#schedule(Math.min(this.#interval, this.#shared.period()));
  }

  stop(): void {
    this.#requests.stop();
    this.#next.set(null);
  }

  /** The next request follows so long after the last one began. */
  #schedule(interval: number): void {
    this.#interval = interval;
    this.#next.set(Math.max(this.#startedAt + interval, this.#shared.clock.now()));
  }

  async #exchange(): Promise<void> {
    const { clock, link } = this.#shared;
    const maxPayload = this.#shared.maxPayload();
    const epoch = this.#epoch;
    this.#isUnderway = true;
    this.#startedAt = clock.now();
    this.#next.set(null);
    const first = link.next;
    const packets = this.#events.isNewest() ? link.take(clock.now(), maxPayload) : [];
    const answer = await this.#requests.exchange({ epoch, packets, first });
    if (!answer || epoch !== this.#epoch) return;
    this.#isUnderway = false;
    this.#goOn(packets.length > 0, answer.bytes);
    this.#events.proved();
  }

  /** Decides when the next request follows. */
  #goOn(hasSent: boolean, bytes: number): void {
    const { clock, link } = this.#shared;
    const isFull = bytes >= Math.min(this.#shared.maxPayload(), link.window) / 2;
    if (isFull) this.#schedule(0);
    else if (link.waiting) this.#schedule(SPACING);
    else if (hasSent) this.#schedule(Math.min(clock.now() - this.#startedAt + OFTEN_ANSWERED, this.#shared.period()));
    else this.#schedule(this.#shared.period());
  }
}
