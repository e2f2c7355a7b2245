import type { Carrier, CarrierEvents, Connect, Shared } from "./carriers/carrier.js";
import { LongPollCarrier } from "./carriers/longPoll.js";
import { PeriodicCarrier } from "./carriers/periodic.js";
import { LIVENESS, SHORT_HOLD } from "./carriers/timing.js";
import { WebSocketCarrier } from "./carriers/websocket.js";
import { writeBody } from "./body.js";
import { type Clock, Timer } from "./clock.js";
import { ProtocolError } from "./errors.js";
import { type Handshake, readHandshake } from "./handshake.js";
import { type Action, type Cause, type Failure, Ladder, type Tier, Tiers } from "./ladder/index.js";
import { Link } from "./link.js";
import { CLOSE, size, type Wire } from "./packet.js";
import { type EndReason, first as firstRecord } from "./records.js";
import { RoundTrip } from "./rtt.js";

/**
 * Why a session is over.
 *
 * - `closed`: one of the two sides has closed it.
 * - `expired`: no carrier worked, or nothing was acknowledged, for longer than the server keeps a session.
 * - `taken`: somebody else has it, as when a browser duplicates a tab.
 * - `unreachable`: it could not be opened on any tier.
 * - the others: the server said so, or for `large` also this side.
 */
export type End = "closed" | "expired" | "taken" | "unreachable" | Exclude<EndReason, "stale">;

export interface SessionEvents {
  /** The server's OPEN packet has come. */
  open(handshake: Handshake): void;
  /** A packet of the application, in its turn. */
  packet(wire: Wire): void;
  /** There is room again for packets. */
  writable(): void;
  carried(tier: Tier, cause: Cause, detail: string | null): void;
  /** No carrier is known to work, and another is looked for. */
  lost(): void;
  /** The round-trip time was measured or bytes were acknowledged. */
  measured(): void;
  remember(tier: Tier): void;
  ended(end: End, detail: string): void;
}

export interface SessionOptions {
  clock: Clock;
  connect: (session: Session) => Connect;
  tiers?: Tiers;
  raceDelay?: number;
  trialDeadline?: number;
  remembered: { tier: Tier; age: number } | null;
  seed: number;
  key: string;
  events: SessionEvents;
}

/** Room for the record before the packets of a farewell. */
const FAREWELL_RECORD = 20;
/** How long packets of a closed session, and the CLOSE behind them, are still carried. */
const LINGER = 30_000;
/** How often is looked whether the computer has slept. */
const LOOK = 5_000;
/** The longest that a request is held. */
const HOLD = 25_000;

/** One session: its link, its ladder, and the carriers that this makes. */
export class Session {
  readonly #clock: Clock;
  readonly #events: SessionEvents;
  readonly #link = new Link();
  readonly #roundTrip = new RoundTrip();
  readonly #ladder: Ladder;
  readonly #ladderTimer: Timer;
  readonly #expiryTimer: Timer;
  readonly #lookTimer: Timer;
  readonly #carriers = new Map<number, Carrier>();
  readonly #shared: Shared;
  readonly #key: string;
  #state: "opening" | "open" | "closing" | "over" = "opening";
  #handshake: Handshake | null = null;
  #offered: Tiers | null = null;
  #period = 0;
  #seq = 0;
  #expectingSince: number | null = null;
  /** The carrier that packets go to. */
  #sender: number | null = null;
  /** Carriers on which the server said `xstale` since their last attach. */
  readonly #stale = new Set<number>();
  /** The greatest epoch that any carrier was given. */
  #epoch = 0;
  /** What was seen of the carrier that failed last. */
  #detail: string | null = null;
  #lastCarried: number | null = null;
  #lostAt: number | null = null;
  #closingSince = 0;
  #isActing = false;

  constructor(options: SessionOptions) {
    this.#clock = options.clock;
    this.#events = options.events;
    this.#key = options.key;
    this.#shared = this.#share(options.connect(this));
    this.#ladderTimer = new Timer(this.#clock, () => {
      this.#ladder.timeout(this.#clock.now());
      this.#act();
    });
    this.#expiryTimer = new Timer(this.#clock, () => this.#checkExpiry());
    this.#lookTimer = new Timer(this.#clock, () => this.look());
    this.#ladder = new Ladder(this.#clock.now(), options);
    this.#act();
    this.look();
  }

  /** What names the session in a query. */
  get name(): Record<string, string> {
    return this.#handshake ? { sid: this.#handshake.sid } : { key: this.#key };
  }

  get roundTrip(): number | null {
    return this.#roundTrip.smoothed;
  }

  get buffered(): number {
    return this.#link.buffered;
  }

  get isWritable(): boolean {
    return this.#state === "open" && this.#link.writable;
  }

  /** How long no carrier has been known to work. */
  get gap(): number {
    return this.#lostAt === null ? 0 : this.#clock.now() - this.#lostAt;
  }

  send(wires: Wire[]): void {
    if (this.#state !== "open") return;
    for (const wire of wires) {
      const bytes = size(wire);
      if (bytes > this.#shared.maxPayload()) {
        const detail = `a message of ${bytes} bytes; the server takes ${this.#shared.maxPayload()}`;
        this.close();
        return this.#report("large", detail);
      }
      this.#link.submit(wire);
    }
    this.#flush();
  }

  /** Ends the session behind what was sent; nothing more is reported. */
  close(): void {
    if (this.#state === "opening") return this.#dispose();
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#closingSince = this.#clock.now();
    this.#link.submit(CLOSE);
    this.#flush();
    this.#checkExpiry();
  }

  /**
   * The page goes away: what is not acknowledged and CLOSE, in one request of at most `limit` bytes that outlives it.
   *
   * What does not fit stays behind. On a WebSocket it is on its way already, which a newer carrier would cut off; so
   * there it is all or nothing.
   */
  farewell(limit: number, post: (query: Record<string, string | number>, body: string) => void): void {
    if (this.#state !== "open") return;
    const carrying = this.#ladder.attached;
    const isOnWebSocket = carrying !== null && this.#carriers.get(carrying)?.tier === "websocket";
    this.close();
    const first = this.#link.rewind();
    const packets = this.#link.take(this.#clock.now(), limit - FAREWELL_RECORD);
    const body = writeBody([firstRecord(first)], packets);
    if (packets.length === 0 || size(body) > limit || (isOnWebSocket && this.#link.hasMore)) return;
    const query = { carrier: "long-poll", epoch: this.#ladder.epoch + 1, ack: this.#link.received, seq: this.#shared.nextSeq(), hold: 0 };
    post(query, body);
  }

  expectEvents(expecting: boolean): void {
    if ((this.#expectingSince !== null) === expecting) return;
    this.#expectingSince = expecting ? this.#clock.now() : null;
    this.#carriers.forEach((carrier) => carrier.retime());
  }

  offline(): void {
    this.#ladder.offline(this.#clock.now());
    this.#act();
  }

  /** Looks whether the computer has slept; to be called also when the page is shown. */
  look(): void {
    if (this.#state === "over") return;
    this.#lookTimer.set(this.#clock.now() + LOOK);
    if (this.#clock.mayHaveSlept()) this.doubt();
  }

  /** What carries the session may be gone, and the network another one. */
  doubt(): void {
    this.#carriers.forEach((carrier) => carrier.doubt());
    this.networkChanged();
  }

  networkChanged(): void {
    if (this.#state === "over") return;
    this.#ladder.networkChanged(this.#clock.now());
    this.#act();
  }

  // === Carriers ===

  #share(connect: Connect): Shared {
    return {
      clock: this.#clock,
      link: this.#link,
      roundTrip: this.#roundTrip,
      connect,
      isOpen: () => this.#handshake !== null,
      maxPayload: () => this.#handshake?.maxPayload ?? Infinity,
      liveness: () => (this.#expectingSince === null ? Math.max(LIVENESS, this.#handshake?.liveness ?? 0) : LIVENESS),
      expectingSince: () => this.#expectingSince,
      hold: () => (this.#expectingSince === null ? HOLD : SHORT_HOLD),
      period: () => (this.#expectingSince === null ? this.#period : Math.min(this.#period, SHORT_HOLD)),
      nextSeq: () => (this.#seq += 1),
    };
  }

  /** Does what the ladder says, until it says nothing more. */
  #act(): void {
    if (this.#isActing) return;
    this.#isActing = true;
    for (let action = this.#ladder.poll(); action && this.#state !== "over"; action = this.#ladder.poll()) this.#do(action);
    this.#isActing = false;
    this.#offer();
    if (this.#state === "over") return;
    this.#noteLoss();
    this.#ladderTimer.set(this.#ladder.due);
    this.#flush();
  }

  #do(action: Action): void {
    switch (action.type) {
      case "start":
        this.#carriers.set(action.carrier, this.#make(action.tier, this.#listener(action.carrier)));
        break;
      case "attach":
        this.#epoch = Math.max(this.#epoch, action.epoch);
        this.#stale.delete(action.carrier);
        this.#carriers.get(action.carrier)?.attach(action.epoch, action.trial);
        break;
      case "probe":
        this.#carriers.get(action.carrier)?.probe();
        break;
      case "stop":
        this.#carriers.get(action.carrier)?.stop();
        this.#carriers.delete(action.carrier);
        this.#stale.delete(action.carrier);
        break;
      case "carry":
        this.#lastCarried = action.carrier;
        this.#events.carried(action.tier, action.cause, action.cause === "better" ? null : this.#detail);
        this.#lostAt = null;
        break;
      case "remember":
        this.#events.remember(action.tier);
        break;
      case "giveUp":
        this.#end("unreachable", this.#detail ?? "no carrier works");
    }
  }

  #make(tier: Tier, events: CarrierEvents): Carrier {
    if (tier === "websocket") return new WebSocketCarrier(this.#shared, events);
    return tier === "long-poll" ? new LongPollCarrier(this.#shared, events) : new PeriodicCarrier(this.#shared, events);
  }

  #listener(id: number): CarrierEvents {
    const told = (input: (now: number) => void) => {
      if (!this.#carriers.has(id)) return;
      input(this.#clock.now());
      this.#act();
    };
    return {
      opened: () => told((now) => this.#ladder.opened(now, id)),
      proved: () => told((now) => this.#ladder.proved(now, id)),
      failed: (failure, detail) => told((now) => this.#failed(now, id, failure, detail)),
      isSender: () => this.#chooseSender() === id,
      received: (count) => this.#acknowledged(count),
      packet: (number, wire) => this.#accept(number, wire),
      period: (ms) => (this.#period = ms),
      ended: (reason, epoch) => {
        if (reason !== "stale") this.#end(reason, `the server ended the session: ${reason}`);
        // An older epoch is not the one that the server has, and that is as it should be.
        else if (epoch === this.#epoch) this.#end("taken", "another client has taken the session over");
        else {
          told((now) => {
            this.#stale.add(id);
            this.#ladder.stale(now, id);
          });
        }
      },
      roundTrip: (since) => {
        // The computer slept, or the page was slowed down: the time that it took says nothing about the network.
        if (since < this.#clock.disturbedAt()) return;
        this.#roundTrip.measured(this.#clock.now() - since);
        this.#ladder.roundTripTimeout(this.#roundTrip.timeout);
        this.#events.measured();
      },
    };
  }

  #failed(now: number, id: number, failure: Failure, detail: string): void {
    // That a tier which was tried in the background has failed too says nothing about the one that carried.
    if (this.#lostAt === null) this.#detail = detail;
    if (failure === "silent" || failure === "unacknowledged") {
      this.#roundTrip.backOff();
      this.#ladder.roundTripTimeout(this.#roundTrip.timeout);
    }
    this.#ladder.failed(now, id, failure);
  }

  #noteLoss(): void {
    if (this.#lastCarried === null || this.#ladder.carrying !== null || this.#lostAt !== null) return;
    this.#lostAt = this.#clock.now();
    this.#events.lost();
  }

  #offer(): void {
    if (this.#offered === null || this.#ladder.carrying === null || this.#state === "over") return;
    const offered = this.#offered;
    this.#offered = null;
    this.#ladder.offered(this.#clock.now(), offered);
    this.#act();
  }

  #flush(): void {
    const sender = this.#chooseSender();
    if (sender !== null) this.#carriers.get(sender)?.flush();
    this.#checkExpiry();
  }

  /**
   * Packets go to the newest carrier once the server has answered on it, and until then to the one that carries the
   * session, unless the server has said that it does not any more.
   */
  #chooseSender(): number | null {
    const { attached, carrying } = this.#ladder;
    const works = carrying !== null && !this.#stale.has(carrying);
    const isReady = attached !== null && (!works || this.#carriers.get(attached)?.hasAnswered === true);
    const sender = isReady ? attached : works ? carrying : null;
    if (sender !== this.#sender) this.#link.rewind();
    this.#sender = sender;
    return sender;
  }

  // === Packets ===

  #acknowledged(count: number): void {
    const wasWritable = this.#link.writable;
    if (!this.#link.acknowledge(count, this.#clock.now())) return;
    if (this.#state === "closing" && this.#link.buffered === 0) return this.#dispose();
    this.#flush();
    this.#events.measured();
    if (!wasWritable && this.isWritable) this.#events.writable();
  }

  #accept(number: number, wire: Wire): void {
    if (this.#state === "over") return;
    // Before it counts, because what cannot be read may come again, and better, on another carrier.
    const handshake = number === 1 && !this.#handshake ? readHandshake(wire) : null;
    const types = number === 1 ? /^[014]/ : /^[14]/;
    if (typeof wire === "string" && !types.test(wire)) throw new ProtocolError(`a packet that may not be sent: ${wire.slice(0, 20)}`);
    if (!this.#link.accept(number, wire, this.#clock.now())) return;
    if (handshake) this.#open(handshake);
    else if (this.#state !== "open") return;
    else if (wire === CLOSE) this.#closedByServer();
    else this.#events.packet(wire);
  }

  #open(handshake: Handshake): void {
    this.#handshake = handshake;
    this.#link.window = handshake.window;
    this.#period ||= handshake.period;
    this.#offered = handshake.carriers;
    this.#state = "open";
    this.#events.open(handshake);
    this.#act();
  }

  /** The server's CLOSE is acknowledged, so that it forgets the session. */
  #closedByServer(): void {
    const sender = this.#chooseSender();
    if (sender !== null) this.#carriers.get(sender)?.acknowledge();
    this.#end("closed", "closed by the server");
  }

  // === Ends ===

  #checkExpiry(): void {
    const now = this.#clock.now();
    const deadline = this.#expiresAt;
    if (deadline === null || this.#state === "over") return;
    if (deadline > now) return this.#expiryTimer.set(deadline);
    if (this.#state === "closing") this.#dispose();
    else this.#end("expired", `no carrier could be used for ${this.#handshake?.expiry ?? 0} ms`);
  }

  get #expiresAt(): number | null {
    if (this.#state === "closing") return this.#closingSince + LINGER;
    if (!this.#handshake) return null;
    const since = [this.#lostAt, this.#link.owedSince].filter((at) => at !== null);
    return since.length > 0 ? Math.min(...since) + this.#handshake.expiry : null;
  }

  #end(end: End, detail: string): void {
    if (this.#state === "over") return;
    const isUnheard = this.#state === "closing";
    this.#dispose();
    if (!isUnheard) this.#report(end, detail);
  }

  /** Later, because the application is still to be told of packets before, and may be in the middle of sending. */
  #report(end: End, detail: string): void {
    this.#clock.after(0, () => this.#events.ended(end, detail));
  }

  #dispose(): void {
    this.#state = "over";
    this.#ladderTimer.set(null);
    this.#expiryTimer.set(null);
    this.#lookTimer.set(null);
    this.#carriers.forEach((carrier) => carrier.stop());
    this.#carriers.clear();
  }
}
