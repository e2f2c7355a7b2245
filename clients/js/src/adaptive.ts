import { type Clock, LONGEST_TIMEOUT, systemClock, Timer } from "./clock.js";
import { connectWith } from "./connect.js";
import { EngineEmitter, TransportError } from "./engine.js";
import type { Handshake } from "./handshake.js";
import { type Cause, type Tier, Tiers } from "./ladder/index.js";
import { type TierMemory, tierMemory } from "./memory.js";
import { type EngineOptions, address, serverAddress } from "./options.js";
import { watchPage } from "./page.js";
import { type EnginePacket, type Wire, decode, encode } from "./packet.js";
import { type End, Session } from "./session.js";
import { AdaptiveStatus } from "./status.js";
import { statusOf, type SocketOrManager } from "./statusOf.js";

/** `keepalive` requests are bounded by browsers, all together, to 64 KiB of body. */
const FAREWELL = 60_000;
/** How often the Engine's own timer is put off, long before it fires. */
const REASSURE = 86_400_000;

/**
 * The adaptive transport for the unmodified `socket.io-client`:
 *
 * ```js
 * const socket = io(url, { transports: [Adaptive] });
 * ```
 *
 * One session that moves between a WebSocket, long-polling and periodic polling while it runs, and loses, repeats and
 * reorders nothing. The Engine above it sees neither a ping timeout nor a close while the session can be resumed.
 */
export class Adaptive extends EngineEmitter {
  /** How a connection is doing; for the whole life of its Manager, whatever happens below. */
  static of(socket: SocketOrManager): AdaptiveStatus {
    return statusOf(socket, Adaptive);
  }

  /** For a status that is made before the connection; see `AdaptiveOptions`. */
  static readonly Status = AdaptiveStatus;

  readonly status: AdaptiveStatus;
  query: Record<string, unknown>;
  writable = false;
  readyState: "opening" | "open" | "closed" | undefined;
  readonly #options: EngineOptions;
  readonly #clock: Clock;
  readonly #memory: TierMemory;
  /** What the Engine's own timer is put off with. */
  readonly #reassurance: Timer;
  #session: Session | null = null;
  /** Packets that wait for a Blob to be read, in order; null when none does. */
  #reading: Promise<void> | null = null;
  #forget: (() => void)[] = [];

  constructor(options: EngineOptions) {
    super();
    this.#options = options;
    this.query = options.query;
    this.status = options.status ?? new AdaptiveStatus();
    const { setTimeoutFn, clearTimeoutFn } = options.socket;
    this.#clock = systemClock({ setTimeout: setTimeoutFn, clearTimeout: clearTimeoutFn, unref: options.autoUnref === true });
    this.#memory = tierMemory(serverAddress(options, "http"));
    this.#reassurance = new Timer(this.#clock, () => this.#reassure());
  }

  // The Engine reads it from the prototype.
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style
  get name(): string {
    return "adaptive";
  }

  open(): this {
    const options = this.#options;
    this.readyState = "opening";
    this.status.update({ phase: "connecting", tier: null, buffered: 0 });
    const session = new Session({
      clock: this.#clock,
      connect: (session) => connectWith(options, () => session.name),
      ...(options.tiers && { tiers: new Tiers(options.tiers) }),
      ...(options.raceDelay !== undefined && { raceDelay: options.raceDelay }),
      ...(options.trialDeadline !== undefined && { trialDeadline: options.trialDeadline }),
      remembered: options.remember === false ? null : this.#memory.read(Date.now()),
      seed: Math.floor(Math.random() * 2 ** 32),
      key: randomKey(),
      events: {
        open: (handshake) => this.#opened(handshake),
        packet: (wire) => this.#deliver(decode(wire, options.socket.binaryType)),
        writable: () => this.#drain(),
        carried: (to, cause, detail) => this.#carried(to, cause, detail),
        lost: () => this.#lost(),
        measured: () => this.#measured(),
        remember: (tier) => {
          if (options.remember !== false) this.#memory.note(tier, Date.now());
        },
        ended: (end, detail) => this.#ended(end, detail),
      },
    });
    this.#session = session;
    this.#forget.push(...this.#watch(session));
    return this;
  }

  /** Takes packets of the Engine; `drain` follows when there is room for more. */
  send(packets: EnginePacket[]): void {
    if (this.readyState !== "open") return;
    this.writable = false;
    // The heartbeats are the session's own; see #reassure. The list is the Engine's, which goes on changing it.
    const wires = packets.filter(({ type }) => type !== "pong").map(encode);
    if (this.#reading || wires.some((wire) => wire instanceof Promise)) this.#sendLater(wires);
    else this.#send(wires as Wire[]);
  }

  /** Only an upgrade pauses a transport, and this one never takes part in one. */
  pause(onPause: () => void): void {
    onPause();
  }

  close(): this {
    if (this.readyState === "opening" || this.readyState === "open") {
      this.#session?.close();
      this.#over();
      this.emitReserved("close");
    }
    return this;
  }

  // === Sending ===

  #send(wires: Wire[]): void {
    this.#session?.send(wires);
    this.#measured();
    // The Engine counts on it to come later.
    void Promise.resolve().then(() => this.#drain());
  }

  #sendLater(wires: (Wire | Promise<Uint8Array>)[]): void {
    const reading = (this.#reading ?? Promise.resolve()).then(async () => {
      const read = await Promise.all(wires.map(async (wire) => wire));
      if (this.#reading === reading) this.#reading = null;
      if (this.readyState === "open") this.#send(read);
    });
    this.#reading = reading.catch((error: unknown) => this.#fail("a Blob cannot be read", error));
  }

  #drain(): void {
    if (this.readyState !== "open" || this.writable || this.#reading || !this.#session?.isWritable) return;
    this.writable = true;
    this.emitReserved("drain");
  }

  // === What the session says ===

  #opened({ sid, maxPayload }: Handshake): void {
    this.readyState = "open";
    this.writable = true;
    this.emitReserved("open");
    // The session finds out itself whether the server is there, so the Engine's own timer must not fire.
    const half = Math.floor(LONGEST_TIMEOUT / 2);
    const data = JSON.stringify({ sid, upgrades: [], pingInterval: half, pingTimeout: half, maxPayload });
    this.#reassurance.set(this.#clock.now() + REASSURE);
    this.emitReserved("packet", { type: "open", data });
  }

  /** The Engine's timer reaches 25 days; a PING, which its PONG answers in vain, puts it off. */
  #reassure(): void {
    this.emitReserved("packet", { type: "ping" });
    this.#reassurance.set(this.#clock.now() + REASSURE);
  }

  /** An application that throws must not keep the packets behind this one. */
  #deliver(packet: EnginePacket): void {
    try {
      this.emitReserved("packet", packet);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** A session that was closed may still carry its last packets; the status is that of the next one then. */
  #lost(): void {
    if (this.readyState !== "closed") this.status.update({ phase: "switching", tier: null });
  }

  #carried(to: Tier, cause: Cause, detail: string | null): void {
    if (this.readyState === "closed") return;
    const from = cause === "opened" ? null : (this.status.lastSwitch?.to ?? null);
    const gap = Math.round(this.#session?.gap ?? 0);
    this.status.switched({ at: Date.now(), from, to, cause, detail, gap });
  }

  #measured(): void {
    const session = this.#session;
    if (!session || this.readyState === "closed") return;
    const roundTrip = session.roundTrip === null ? null : Math.round(session.roundTrip * 10) / 10;
    this.status.update({ buffered: session.buffered, roundTrip });
  }

  #ended(end: End, detail: string): void {
    if (this.readyState !== "opening" && this.readyState !== "open") return;
    if (this.readyState === "opening" || end === "large") return this.#fail(detail, { end });
    this.#over();
    this.emitReserved("close", { description: detail, context: { end } });
  }

  #fail(reason: string, context: unknown): void {
    if (this.readyState !== "opening" && this.readyState !== "open") return;
    this.#session?.close();
    this.#over();
    this.emitReserved("error", new TransportError(reason, reason, context));
  }

  #over(): void {
    this.readyState = "closed";
    this.writable = false;
    this.#reassurance.set(null);
    this.#forget.forEach((forget) => forget());
    this.#forget = [];
    this.status.update({ phase: "closed", tier: null, buffered: 0 });
  }

  #watch(session: Session): (() => void)[] {
    const options = this.#options;
    const { status } = this;
    const expect = () => session.expectEvents(status.snapshot.expectingEvents && !page.isHidden());
    const page = watchPage({
      engine: options.socket,
      offline: () => session.offline(),
      online: () => session.networkChanged(),
      visibility: () => {
        expect();
        session.look();
      },
      restored: () => session.doubt(),
      unload: () => session.farewell(FAREWELL, (query, body) => farewell(options, { ...session.name, ...query }, body)),
    });
    expect();
    return [page.forget, status.onExpect(expect)];
  }
}

function farewell(options: EngineOptions, query: Record<string, unknown>, body: string): void {
  const url = address(options, "http", query);
  const credentials = options.withCredentials ? "include" : "same-origin";
  const headers = { ...options.extraHeaders, "content-type": "text/plain;charset=UTF-8" };
  void fetch(url, { method: "POST", body, headers, credentials, keepalive: true }).catch(() => undefined);
}

/** At least 128 random bits. */
function randomKey(): string {
  const { crypto } = globalThis as { crypto?: Crypto };
  if (crypto) return hexadecimal(crypto.getRandomValues(new Uint8Array(16)));
  // Node.js 18 has no global `crypto`; the names that it gives to Blobs are random UUIDs.
  const uuid = () => URL.createObjectURL(new Blob()).replace(/^.*:|-/g, "");
  return uuid() + uuid();
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
