import { Timer } from "../clock.js";
import { ProtocolError } from "../errors.js";
import type { Failure } from "../ladder/index.js";
import type { Wire } from "../packet.js";
import * as records from "../records.js";
import type { Carrier, CarrierEvents, Shared, SocketLike } from "./carrier.js";
import { LIVENESS, silence, transferTime } from "./timing.js";

/** A timer that is so late may run before messages that had come in time. */
const LATE = 250;
/** How long the server may wait before it acknowledges. */
const SERVER_DELAY = 200;

/** Packets over a WebSocket, where their numbers are implied by their order. */
export class WebSocketCarrier implements Carrier {
  readonly tier = "websocket";
  readonly #shared: Shared;
  readonly #events: CarrierEvents;
  readonly #alive: Timer;
  readonly #tell: Timer;
  #socket: SocketLike | null = null;
  #isOpen = false;
  #isOver = false;
  #epoch: number | null = null;
  /** Whether the server has attached too. */
  #isAttached = false;
  /** When the last attach record was sent or came: since when the acknowledgement deadline may run. */
  #attachedAt = 0;
  /** Number that the server takes the next packet for. */
  #outgoing = 0;
  /** Number of the next packet of the server. */
  #incoming = 0;
  #heard = 0;
  #asked: { id: number; at: number; isMeasured: boolean } | null = null;
  /** Length of a packet that is on its way and not to be seen before it is whole. */
  #announced = 0;
  #questions = 0;
  #doubtedAt = -Infinity;

  constructor(shared: Shared, events: CarrierEvents) {
    this.#shared = shared;
    this.#events = events;
    this.#alive = new Timer(shared.clock, () => this.#check());
    this.#tell = new Timer(shared.clock, () => this.#tellReceived());
    void this.#open();
  }

  get hasAnswered(): boolean {
    return this.#isAttached;
  }

  attach(epoch: number): void {
    const { clock, link } = this.#shared;
    this.#epoch = epoch;
    this.#attachedAt = clock.now();
    this.#outgoing = link.acked + 1;
    this.#send(records.attach(epoch, link.tell(), this.#outgoing));
    this.flush();
  }

  probe(): void {
    this.#ask();
  }

  flush(): void {
    const { clock, link } = this.#shared;
    if (this.#epoch === null || this.#isOver) return;
    if (this.#events.isSender() && link.waiting) {
      if (this.#isAttached && link.rides) this.#send(records.received(link.tell()));
      // What was acknowledged meanwhile on an older carrier is left out.
      if (link.next !== this.#outgoing) this.#send(records.first(link.next));
      for (const wire of link.take(clock.now())) this.#send(wire);
      this.#outgoing = link.next;
    }
    this.#watch();
  }

  retime(): void {
    this.#watch();
  }

  doubt(): void {
    if (!this.#isAttached || this.#isOver) return;
    this.#doubtedAt = this.#shared.clock.now();
    this.#ask();
    this.#watch();
  }

  acknowledge(): void {
    this.#tellReceived();
  }

  stop(): void {
    this.#isOver = true;
    this.#alive.set(null);
    this.#tell.set(null);
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // Closing before it is open is an error to some implementations, and one without a listener ends Node.js.
    socket.onerror = () => undefined;
    socket.close();
  }

  async #open(): Promise<void> {
    let socket: SocketLike;
    try {
      // Never at once, because whoever starts a carrier does not expect its failure yet.
      socket = await Promise.resolve().then(() => this.#shared.connect.webSocket());
    } catch (error) {
      this.#fail("refused", `no WebSocket can be opened: ${String(error)}`);
      return;
    }
    this.#socket = socket;
    if (this.#isOver) {
      this.stop();
      return;
    }
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#isOpen = true;
      this.#events.opened();
    };
    socket.onmessage = ({ data }) => this.#message(data);
    socket.onerror = () => this.#fail(this.#isOpen ? "error" : "refused", "WebSocket error");
    socket.onclose = ({ code }) => {
      this.#fail(this.#isOpen ? "closed" : "refused", `WebSocket closed with code ${code ?? 1006}`);
    };
  }

  #message(data: unknown): void {
    if (this.#isOver) return;
    this.#heard = this.#shared.clock.now();
    try {
      if (typeof data === "string" && records.isRecord(data)) this.#record(records.readRecord(data));
      else this.#packet(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#fail("foreign", error.message);
    }
    if (this.#epoch !== null) this.#watch();
  }

  #packet(wire: Wire): void {
    if (!this.#isAttached) throw new ProtocolError("a packet before the attach record");
    const number = this.#incoming;
    this.#incoming += 1;
    this.#announced = 0;
    this.#events.packet(number, wire);
  }

  #record(record: records.Statement): void {
    switch (record.type) {
      case "attach":
        this.#attachedBy(record);
        break;
      case "first":
        this.#begin(record.first);
        break;
      case "received":
        // Without news it says that parts of a message come.
        this.#shared.link.heard(this.#heard);
        this.#events.received(record.count);
        break;
      case "length":
        this.#announced = record.bytes;
        break;
      case "ask":
        this.#send(records.answer(record.id));
        break;
      case "answer":
        this.#answered(record.id);
        break;
      case "period":
        throw new ProtocolError("a period that is not for a WebSocket");
      case "end":
        this.#events.ended(record.reason, this.#epoch ?? 0);
        break;
      case "unknown":
    }
  }

  #attachedBy({ epoch, ack, first }: { epoch: number; ack: number; first: number }): void {
    if (this.#isAttached) throw new ProtocolError("a second attach record");
    if (epoch !== this.#epoch) throw new ProtocolError(`the server attached epoch ${epoch}, asked was ${this.#epoch}`);
    this.#begin(first);
    this.#isAttached = true;
    this.#events.received(ack);
    this.#events.roundTrip(this.#attachedAt);
    // Packets may have waited for this.
    this.#attachedAt = this.#shared.clock.now();
    this.#events.proved();
  }

  /** The packets that follow are numbered from this one. */
  #begin(first: number): void {
    this.#shared.link.expectFrom(first);
    this.#incoming = first;
    this.#announced = 0;
  }

  #answered(id: string): void {
    if (this.#asked === null || String(this.#asked.id) !== id) return;
    if (this.#asked.isMeasured) this.#events.roundTrip(this.#asked.at);
    this.#asked = null;
    // One that has attached is proved by the server's attach record alone.
    if (this.#epoch === null) this.#events.proved();
  }

  #ask(): void {
    this.#questions += 1;
    // The answer comes behind a packet that is on its way.
    this.#asked = { id: this.#questions, at: this.#shared.clock.now(), isMeasured: this.#announced === 0 };
    this.#send(records.ask(this.#questions));
  }

  #tellReceived(): void {
    if (!this.#isOver && this.#isAttached) this.#send(records.received(this.#shared.link.tell()));
    this.#watch();
  }

  /** Sets the timers anew. */
  #watch(): void {
    if (this.#isOver || !this.#isAttached) return;
    const { link } = this.#shared;
    const tellAt = link.tellAt;
    if (tellAt !== null && tellAt <= this.#shared.clock.now()) return this.#tellReceived();
    this.#tell.set(tellAt);
    this.#alive.set(Math.min(this.#nextQuestion, this.#deadAt, this.#unacknowledgedAt));
  }

  /** What is due now: a question, or the end of a carrier that is dead. */
  #check(late = 0): void {
    const now = this.#shared.clock.now();
    const due = Math.min(this.#deadAt, this.#unacknowledgedAt);
    if (due <= now) {
      if (late === 0 && now - due > LATE) {
        this.#shared.clock.after(20, () => this.#isOver || this.#check(1));
        return;
      }
      const failure = this.#unacknowledgedAt <= now ? "unacknowledged" : "silent";
      const quiet = Math.round(now - (failure === "silent" ? this.#heard : this.#owedSince));
      return this.#fail(failure, `WebSocket ${failure} for ${quiet} ms`);
    }
    if (this.#nextQuestion <= now) this.#ask();
    this.#watch();
  }

  get #nextQuestion(): number {
    const quiet = this.#shared.liveness() / 2;
    if (this.#asked === null) return this.#heard + quiet;
    // The server, whose own questions wait behind the packet, has to hear of this side as well.
    return this.#announced > 0 ? this.#asked.at + quiet : Infinity;
  }

  get #deadAt(): number {
    const { expectingSince, liveness, roundTrip } = this.#shared;
    // A long silence from before events were expected says nothing.
    const silent = Math.max(this.#heard, expectingSince() ?? 0) + silence(roundTrip, liveness());
    const doubted = this.#doubtedAt > this.#heard ? this.#doubtedAt + roundTrip.patience(0, LIVENESS) : Infinity;
    return Math.min(silent, doubted) + transferTime(this.#announced);
  }

  get #owedSince(): number {
    return Math.max(this.#shared.link.owedSince ?? 0, this.#attachedAt);
  }

  get #unacknowledgedAt(): number {
    const { link, roundTrip } = this.#shared;
    return link.owedSince === null ? Infinity : this.#owedSince + roundTrip.timeout + SERVER_DELAY + transferTime(link.underway);
  }

  #send(data: string | Uint8Array): void {
    try {
      this.#socket?.send(data);
    } catch {
      // It is closing; its close event follows.
    }
  }

  #fail(failure: Failure, detail: string): void {
    if (this.#isOver) return;
    this.stop();
    this.#events.failed(failure, detail);
  }
}
