import { Emitter } from "./emitter";
import { changed, type ConnectionStatus } from "./status";
import type { LiveTransport, Unsubscribe } from "./transport";

const GRACE_MS = 2_500;

/** The state of the connection while no job is followed: the socket's, or whether plain requests get an answer. */
export class ConnectionMonitor {
  readonly #live: LiveTransport;
  readonly #listeners = new Emitter();
  #grace: ReturnType<typeof setTimeout> | undefined;
  #forget: Unsubscribe | undefined;
  #reachable = true;
  #graceOver = false;
  #status: ConnectionStatus = { tier: "connecting", cause: null, since: Date.now() };

  constructor(live: LiveTransport) {
    this.#live = live;
  }

  start(): void {
    this.#graceOver = false;
    this.#forget = this.#live.onStatus(() => this.#update());
    this.#grace = setTimeout(() => {
      this.#graceOver = true;
      this.#update();
    }, GRACE_MS);
    this.#update();
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  subscribe(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  /** Tells how the latest plain request went: any answer at all counts as reached. */
  requested(reached: boolean): void {
    this.#reachable = reached;
    this.#update();
  }

  stop(): void {
    clearTimeout(this.#grace);
    this.#forget?.();
  }

  #update(): void {
    const status = this.#derive();
    if (status === this.#status) return;
    this.#status = status;
    this.#listeners.emit();
  }

  #derive(): ConnectionStatus {
    const socket = this.#live.status;
    if (socket.phase === "connected") return changed(this.#status, socket.tier, socket.cause);
    if (!this.#reachable) return changed(this.#status, "offline", "server-unreachable");
    if (socket.phase === "connecting" && !this.#graceOver) return changed(this.#status, "connecting", null);
    return changed(this.#status, "periodic", socket.cause ?? "socket-not-open");
  }
}
