import type { CursorSource } from "./cursor";
import { Emitter } from "./emitter";
import { type FeedSnapshot, JobFeed } from "./feed";
import { ConnectionMonitor } from "./monitor";
import type { ConnectionStatus } from "./status";
import type { LiveTransport, Unsubscribe } from "./transport";

/** The page's one connection to the server's news, and the jobs that are followed over it. */
export class RealtimeClient {
  readonly live: LiveTransport;
  readonly monitor: ConnectionMonitor;
  readonly #cursor: CursorSource;
  readonly #listeners = new Emitter();
  #feed: JobFeed | null = null;

  constructor(live: LiveTransport, cursor: CursorSource) {
    this.live = live;
    this.#cursor = cursor;
    this.monitor = new ConnectionMonitor(live);
    this.monitor.subscribe(() => this.#listeners.emit());
  }

  open(): void {
    this.monitor.start();
    this.live.open();
  }

  /** Follows a job from the event after `after` until the feed ends or is let go with `unfollow`. */
  follow(job: string, after: number): JobFeed {
    const feed = new JobFeed({ job, after, live: this.live, cursor: this.#cursor });
    feed.subscribe(() => {
      this.#expect();
      this.#listeners.emit();
    });
    this.#feed?.stop();
    this.#feed = feed;
    feed.start();
    this.#expect();
    this.#listeners.emit();
    return feed;
  }

  unfollow(feed: JobFeed): void {
    feed.stop();
    if (this.#feed === feed) this.#feed = null;
    this.#expect();
    this.#listeners.emit();
  }

  /** What is known of the job that is followed. */
  get followed(): FeedSnapshot | null {
    return this.#feed?.snapshot ?? null;
  }

  /** How news arrive: those of the job that is followed, or else whatever the connection would do for one. */
  get status(): ConnectionStatus {
    const feed = this.followed;
    return feed?.over === null ? feed.status : this.monitor.status;
  }

  #expect(): void {
    this.live.expectEvents(this.followed?.over === null);
  }

  subscribe(listener: () => void): Unsubscribe {
    return this.#listeners.add(listener);
  }

  nudge(): void {
    this.#feed?.nudge();
  }

  close(): void {
    this.#feed?.stop();
    this.#feed = null;
    this.monitor.stop();
    this.live.close();
  }
}
