import { Timer } from "../clock.js";
import type { Carrier, CarrierEvents, Shared } from "./carrier.js";
import { Requests } from "./http.js";
import { isFull } from "./timing.js";

/** One that the client's packets ask for follows the one before no faster. */
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
  /** Whether no request with this epoch has been answered. */
  #attaches = true;
  #isUnderway = false;
  #startedAt = -Infinity;
  #answeredAt = -Infinity;
  /** The next follows so long after the answer, and at most the period. */
  #wait = 0;

  constructor(shared: Shared, events: CarrierEvents) {
    this.#shared = shared;
    this.#events = events;
    this.#requests = new Requests("periodic", shared, events);
    this.#next = new Timer(shared.clock, () => void this.#exchange());
  }

  get hasAnswered(): boolean {
    return !this.#attaches;
  }

  attach(epoch: number): void {
    this.#epoch = epoch;
    this.#attaches = true;
    if (this.#events.isSender()) this.#shared.link.rewind();
    // The answer to an older one is not waited for.
    void this.#exchange();
  }

  probe(): void {
    throw new Error("only a WebSocket is probed");
  }

  flush(): void {
    this.#schedule();
  }

  retime(): void {
    this.#schedule();
  }

  doubt(): void {
    this.#wait = 0;
    this.#schedule();
  }

  acknowledge(): void {
    this.#requests.acknowledge({ epoch: this.#epoch });
  }

  stop(): void {
    this.#requests.stop();
    this.#next.set(null);
  }

  #schedule(): void {
    if (this.#epoch === 0 || this.#isUnderway || this.#requests.isOver) return;
    const { clock, link, period } = this.#shared;
    const due = this.#answeredAt + Math.min(this.#wait, period());
    const asked = this.#events.isSender() && link.waiting ? this.#startedAt + SPACING : Infinity;
    this.#next.set(Math.max(Math.min(due, asked), clock.now()));
  }

  async #exchange(): Promise<void> {
    const { clock, link, maxPayload } = this.#shared;
    const epoch = this.#epoch;
    this.#isUnderway = true;
    this.#startedAt = clock.now();
    this.#next.set(null);
    const sends = this.#events.isSender();
    const first = link.next;
    const packets = sends ? link.take(clock.now(), maxPayload()) : [];
    const answer = await this.#requests.exchange({ epoch, packets, first, attaches: this.#attaches });
    if (!answer || epoch !== this.#epoch) return;
    this.#isUnderway = this.#attaches = false;
    this.#answeredAt = clock.now();
    if (isFull(answer.bytes, answer.packets, link.window, maxPayload())) this.#wait = 0;
    else this.#wait = packets.length > 0 ? OFTEN_ANSWERED : Infinity;
    this.#schedule();
    this.#events.proved();
  }
}
