/** Numbers, windows and acknowledgements of one session: the client's end, without input and output. */

import { chunkLength } from "./body.js";
import { ProtocolError } from "./errors.js";
import { size, type Wire } from "./packet.js";

/** When the received count is told on a WebSocket: after this many packets */
const TELL_PACKETS = 128;
/** or this many bytes, or half as many as the window lets through, */
const TELL_BYTES = 32 * 1024;
/** or this many milliseconds after the first packet that it does not cover; the server only frees memory by it. */
const TELL_AFTER = 2_000;

interface Kept {
  wire: Wire;
  bytes: number;
}

export class Link {
  /** Bytes that may be under way without an acknowledgement. */
  window = 256 * 1024;

  /** Packets after `acked`, in order. */
  readonly #kept: Kept[] = [];
  #acked = 0;
  /** The last packet given to the present carrier. */
  #sent = 0;
  /** The last packet given to any carrier: an acknowledgement beyond it is none. */
  #everSent = 0;
  #buffered = 0;
  #underway = 0;
  #owedSince: number | null = null;

  #received = 0;
  /** Packets that have come since it was told, repeats too, and their length. */
  #untold = 0;
  #untoldBytes = 0;
  #untoldSince: number | null = null;
  #rides = false;
  /** When the count may go with a packet again, though not many packets have come. */
  #ridesFrom = -Infinity;

  /** How many packets the other side has received, as far as we know. */
  get acked(): number {
    return this.#acked;
  }

  /** Number of the packet that is sent next. */
  get next(): number {
    return this.#sent + 1;
  }

  /** How many packets we have received: all up to this number. */
  get received(): number {
    return this.#received;
  }

  /** Bytes of packets that are not acknowledged, sent or not. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Bytes given to the present carrier and not acknowledged. */
  get underway(): number {
    return this.#underway;
  }

  get writable(): boolean {
    return this.#buffered < this.window;
  }

  /** Whether `take` would give a packet. */
  get waiting(): boolean {
    const kept = this.#kept[this.#sent - this.#acked];
    return kept !== undefined && this.#fits(kept);
  }

  /** Whether there are packets that the present carrier was not given, whether or not the window allows it. */
  get hasMore(): boolean {
    return this.#sent < this.#acked + this.#kept.length;
  }

  /** Since when nothing new was acknowledged, though something might have been; null when all is. */
  get owedSince(): number | null {
    return this.#owedSince;
  }

  submit(wire: Wire): void {
    const bytes = size(wire);
    this.#kept.push({ wire, bytes });
    this.#buffered += bytes;
  }

  /** Another carrier takes over: what is not acknowledged is to be sent again. Returns the first number. */
  rewind(): number {
    this.#sent = this.#acked;
    this.#underway = 0;
    return this.next;
  }

  /** The next packets, as the window allows and a body of `limit` bytes holds, but at least one if the window does. */
  take(now: number, limit = Infinity): Wire[] {
    const taken: Wire[] = [];
    let length = 0;
    for (;;) {
      const kept = this.#kept[this.#sent - this.#acked];
      if (kept === undefined || !this.#fits(kept)) break;
      if (limit < Infinity) length += chunkLength(kept.wire);
      if (taken.length > 0 && length > limit) break;
      taken.push(kept.wire);
      this.#sent += 1;
      this.#underway += kept.bytes;
    }
    this.#everSent = Math.max(this.#everSent, this.#sent);
    if (taken.length > 0) this.#owedSince ??= now;
    return taken;
  }

  /** The other side says that it hears what is sent, though nothing of it is whole. */
  heard(now: number): void {
    if (this.#owedSince !== null) this.#owedSince = now;
  }

  /** The other side's received count. Returns whether it brought news. */
  acknowledge(count: number, now: number): boolean {
    if (count > this.#everSent) throw new ProtocolError(`${count} packets acknowledged, ${this.#everSent} sent`);
    if (count <= this.#acked) return false;
    const gone = this.#kept.splice(0, count - this.#acked);
    gone.forEach((kept, index) => {
      this.#buffered -= kept.bytes;
      if (this.#acked + index < this.#sent) this.#underway -= kept.bytes;
    });
    this.#acked = count;
    this.#sent = Math.max(this.#sent, count);
    this.#owedSince = this.#everSent > count ? now : null;
    return true;
  }

  /** The packets that follow are numbered from this one. */
  expectFrom(first: number): void {
    if (first > this.#received + 1) throw new ProtocolError(`packets before ${first} are missing`);
  }

  /** Takes a packet with its number. Returns false for a repeat. */
  accept(number: number, wire: Wire, now: number): boolean {
    this.expectFrom(number);
    // Who repeats one has not been told of it: a request that said so was stale, or never arrived.
    this.#untold += 1;
    this.#untoldBytes += size(wire);
    this.#untoldSince ??= now;
    if (number <= this.#received) return false;
    this.#received = number;
    const many =
      this.#untold >= Math.floor(this.#tellPackets / 8) || this.#untoldBytes >= Math.floor(this.#tellBytes / 2);
    if (many || now >= this.#ridesFrom) {
      this.#rides = true;
      this.#ridesFrom = now + TELL_AFTER;
    }
    return true;
  }

  /** When the received count has to be told; null when there is nothing new to tell. */
  get tellAt(): number | null {
    if (this.#untoldSince === null) return null;
    const many = this.#untold >= this.#tellPackets || this.#untoldBytes >= this.#tellBytes;
    return many ? this.#untoldSince : this.#untoldSince + TELL_AFTER;
  }

  /** Whether the next packet that leaves shall take the count along, which costs the server nothing then. */
  get rides(): boolean {
    return this.#rides;
  }

  /** The received count, which the caller now tells. */
  tell(): number {
    this.#untold = 0;
    this.#untoldBytes = 0;
    this.#untoldSince = null;
    this.#rides = false;
    return this.#received;
  }

  get #tellPackets(): number {
    return Math.min(TELL_PACKETS, Math.floor(maxPackets(this.window) / 2));
  }

  get #tellBytes(): number {
    return Math.max(1, Math.min(TELL_BYTES, Math.floor(this.window / 2)));
  }

  #fits(kept: Kept): boolean {
    return this.#underway === 0 || this.#underway + kept.bytes <= this.window;
  }
}

/** How many packets either side may have under way, so that small ones do not take a multiple of the window. */
export function maxPackets(window: number): number {
  return Math.max(64, Math.floor(window / 128));
}
