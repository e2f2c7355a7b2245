import { Random } from "./random.js";
import { type Tier, Tiers, TIERS, isBetter } from "./tiers.js";
import { Restart, Trials } from "./trials.js";
import { type Action, type Failure, type LadderOptions, MEMORY, MIN_RACE_DELAY, MIN_TIMEOUT, OFFLINE, PROOF, REFRESH } from "./types.js";

/**
 * - `connecting`: the WebSocket is being opened.
 * - `probing`: the WebSocket has been asked.
 * - `attached`: it has an epoch and has not carried data both ways since.
 * - `proved`: it has.
 */
type Phase = "connecting" | "probing" | "attached" | "proved";

interface Carrier {
  readonly id: number;
  readonly tier: Tier;
  phase: Phase;
  /** Whether it is tried in the background. */
  trial: boolean;
  /** Whether it was started in a race; if it comes in second, it is on trial for the rest. */
  readonly raced: boolean;
  readonly started: number;
  /** When it must have proved itself. */
  deadline: number | null;
  /** When it left the background, if it was started there, or began to carry the session after all had failed. */
  promoted: number | null;
  /** That of its last attach, or 0. */
  epoch: number;
  /** When that was. */
  attached: number;
  /** Whether the server has a higher epoch. */
  stale: boolean;
}

/** Tiers that are started one beside the other until one has proved itself. */
interface Race {
  /** Those that had their turn. */
  tried: Tiers;
  /** Where it began. */
  first: Tier;
  /** When the next has its turn; null if there is no other. */
  at: number | null;
}

/**
 * What a client does about carriers: the section *The ladder* of the protocol, for one session.
 *
 * It knows no packets and no connections, only carriers by number. Time is a parameter, in milliseconds. After each
 * input, and after construction, take `poll` until it gives null, then call `timeout` at `due`. What is said about a
 * carrier that was stopped is ignored. The same inputs give the same outputs as in the implementation in Rust.
 *
 * | a carrier | its life |
 * | --- | --- |
 * | WebSocket in an opening | start, `opened`, attach, `proved`, carry |
 * | WebSocket in the background | start, `opened`, probe, `proved`, attach, `proved`, carry |
 * | HTTP | start, attach, `proved`, carry |
 * | any | `failed`, stop |
 */
export class Ladder {
  #tiers: Tiers;
  readonly #openingDelay: number;
  readonly #trialDeadline: number;
  readonly #random: Random;
  /** Those that exist, in the order of their start. */
  #carriers: Carrier[] = [];
  #ids = 0;
  /** The highest epoch given, or kept for the race of the opening. */
  #epoch = TIERS.length;
  /** The one that has the highest epoch, if it exists. */
  #attached: number | null = null;
  #carrying: number | null = null;
  #opening = true;
  #race: Race | null = null;
  /** What the carrier before failed of. */
  #failure: Failure | null = null;
  readonly #trials: Record<Tier, Trials> = { websocket: new Trials(), "long-poll": new Trials(), periodic: new Trials() };
  /** Trials wait until then. */
  #quietUntil: number | null = null;
  readonly #restart = new Restart();
  #rememberAt: number | null = null;
  #timeout = MIN_TIMEOUT;
  readonly #actions: Action[] = [];
  #over = false;

  /** A ladder that begins with the opening of a session. */
  constructor(now: number, options: LadderOptions = {}) {
    const tiers = options.tiers ?? Tiers.all;
    this.#tiers = tiers.isEmpty ? Tiers.all : tiers;
    this.#openingDelay = options.raceDelay ?? 150;
    this.#trialDeadline = options.trialDeadline ?? 10_000;
    this.#random = new Random(options.seed ?? 0);
    const first = this.#first(options.remembered);
    this.#beginRace(now, first, Tiers.none.with(first));
    this.#start(now, first, false);
  }

  // === Getters ===

  /** The carrier that carries the session; null while none is known to work. */
  get carrying(): number | null {
    return this.#carrying;
  }

  /** The carrier that has the newest epoch and has not been stopped. */
  get attached(): number | null {
    return this.#attached;
  }

  /** No epoch that was given is higher. */
  get epoch(): number {
    return this.#epoch;
  }

  get tier(): Tier | null {
    return this.#carrier(this.#carrying)?.tier ?? null;
  }

  // === Inputs ===

  /** The handshake of a WebSocket is done. */
  opened(now: number, id: number): void {
    const carrier = this.#carrier(id);
    if (carrier?.phase !== "connecting") return;
    carrier.trial ||= this.#carrying !== null;
    if (carrier.trial) {
      carrier.phase = "probing";
      this.#actions.push({ type: "probe", carrier: id });
    } else {
      this.#attach(now, carrier);
    }
  }

  /**
   * A carrier has carried data both ways since it was probed or attached: an `o` record answered the probe, the server's
   * attach record with its epoch came, or a whole response to a request with its epoch did. May be said again.
   */
  proved(now: number, id: number): void {
    const carrier = this.#carrier(id);
    if (carrier?.phase === "probing") this.#attach(now, carrier);
    else if (carrier?.phase === "attached") this.#carry(now, carrier);
  }

  /**
   * The server said `xstale` on this carrier: one with a higher epoch has the session.
   *
   * Not to be called if no carrier of this client was given a higher one: then somebody else has the session.
   */
  stale(now: number, id: number): void {
    const carrier = this.#carrier(id);
    if (carrier?.phase !== "attached") return;
    carrier.stale = true;
    const newer = this.#attached === id ? undefined : this.#carrier(this.#attached);
    const isMute = newer?.phase === "attached" && isBetter(newer.tier, carrier.tier) && newer.attached <= carrier.attached;
    // The better one in a race has reached the server, and its answer, which was sent before, did not get through.
    if (newer && isMute) this.#stop(newer.id);
    // Without a newer one, that which had reached the server has failed since.
    if (!newer || isMute) this.#attach(now, carrier);
  }

  /** A carrier is of no use any more. */
  failed(now: number, id: number, failure: Failure): void {
    const lost = this.#stop(id);
    if (lost) this.#lost(now, lost, failure);
  }

  /** The network may be gone. */
  offline(now: number): void {
    this.#quietUntil = now + OFFLINE;
  }

  /** It is another network, or it has come back. */
  networkChanged(now: number): void {
    this.#quietUntil = null;
    if (this.#opening) return;
    const nothingWorks = this.#carrying === null;
    // One that was started a moment ago is new enough.
    const isStale = (it: Carrier) => now >= it.started + this.#raceDelay;
    const isOnTrial = (it: Carrier) => it.phase === "connecting" || it.phase === "probing";
    this.#stopAll((it) => (isOnTrial(it) || nothingWorks) && isStale(it));
    for (const tier of TIERS) {
      this.#trials[tier] = new Trials();
      this.#trials[tier].due = now;
    }
    if (nothingWorks) {
      this.#race = null;
      this.#restart.clear();
      this.#startAll(now);
    }
    this.#startTrials(now);
  }

  /** The server has said which carriers it offers; to be called behind `proved` of the one that carries the session. */
  offered(now: number, offered: Tiers): void {
    const tier = this.tier;
    if (tier === null) return;
    this.#tiers = this.#tiers.and(offered.with(tier));
    this.#stopAll((it) => !this.#tiers.has(it.tier));
    this.#attachAgain(now);
    this.#startTrials(now);
  }

  /** The round-trip time-out is now this; below 1 s counts as 1 s, which it is before the first call. */
  roundTripTimeout(ms: number): void {
    this.#timeout = Math.max(ms, MIN_TIMEOUT);
  }

  /**
   * Time passed. What is due is done in this order, however late: carriers that had to prove themselves, the restart,
   * the race, trials, the memory.
   */
  timeout(now: number): void {
    const isDue = (at: number | null | undefined) => at !== null && at !== undefined && at <= now;
    for (;;) {
      const late = this.#carriers.find((it) => isDue(it.deadline));
      if (!late) break;
      this.failed(now, late.id, "silent");
    }
    if (isDue(this.#restart.at)) this.#startAll(now);
    if (isDue(this.#race?.at)) this.#raceOn(now);
    this.#startTrials(now);
    const tier = this.tier;
    if (tier !== null && isDue(this.#rememberAt)) {
      this.#rememberAt = now + REFRESH;
      this.#actions.push({ type: "remember", tier });
    }
  }

  // === Outputs ===

  /** The next thing to do. */
  poll(): Action | null {
    return this.#actions.shift() ?? null;
  }

  /** When to call `timeout`. */
  get due(): number | null {
    const deadlines = this.#carriers.map((it) => it.deadline);
    const trials = TIERS.map((tier) => this.#trialAt(tier));
    const all = [...deadlines, ...trials, this.#race?.at, this.#restart.at, this.#rememberAt];
    const set = all.filter((at) => at !== null && at !== undefined);
    return set.length > 0 ? Math.min(...set) : null;
  }

  // === Carriers ===

  #start(now: number, tier: Tier, trial: boolean): void {
    if (this.#exists(tier)) return;
    this.#ids += 1;
    const deadline = now + this.#trialDeadline;
    const attach = { epoch: 0, attached: now, stale: false, promoted: null };
    const carrier: Carrier = { id: this.#ids, tier, phase: "connecting", trial, raced: !trial, started: now, deadline, ...attach };
    this.#carriers.push(carrier);
    this.#actions.push({ type: "start", carrier: carrier.id, tier });
    if (tier !== "websocket") this.#attach(now, carrier);
  }

  #attach(now: number, carrier: Carrier): void {
    const isWebSocket = carrier.tier === "websocket";
    const races = this.#opening && carrier.epoch === 0;
    const epoch = races ? TIERS.length - TIERS.indexOf(carrier.tier) : this.#epoch + 1;
    carrier.epoch = epoch;
    carrier.attached = now;
    carrier.stale = false;
    if (carrier.phase !== "proved") carrier.phase = "attached";
    if (carrier.trial && isWebSocket) {
      carrier.promoted = carrier.raced ? null : now;
      carrier.deadline = now + 2 * this.#timeout;
    }
    this.#epoch = Math.max(this.#epoch, epoch);
    if (this.#carriers.every((it) => it.epoch <= epoch)) this.#attached = carrier.id;
    this.#actions.push({ type: "attach", carrier: carrier.id, epoch, trial: carrier.trial && !isWebSocket });
    // The epoch of a long-poll on trial is not the newest any more.
    if (isWebSocket && !this.#opening) this.#putOffTrial(now);
  }

  /** Nothing newer is left: what carries the session takes it back. */
  #attachAgain(now: number): void {
    const carrying = this.#carrier(this.#carrying);
    if (this.#attached === null && carrying) this.#attach(now, carrying);
  }

  #carry(now: number, carrier: Carrier): void {
    const { id, tier, epoch } = carrier;
    carrier.phase = "proved";
    carrier.deadline = null;
    if (carrier.trial && tier !== "websocket") carrier.promoted = now;
    carrier.trial = false;
    if (this.#carrying !== id) {
      // What failed before the session was opened is no news.
      const cause = this.#opening ? "opened" : (this.#failure ?? "better");
      this.#failure = null;
      this.#actions.push({ type: "carry", carrier: id, tier, cause });
      this.#carrying = id;
      this.#rememberAt = now + PROOF;
    }
    this.#opening = false;
    this.#stopAll((it) => it.id !== id && !isBetter(it.tier, tier));
    // An attach that the server has seen before this one is answered by nothing any more.
    this.#stopAll((it) => it.phase === "attached" && it.epoch < epoch);
    this.#hurry(now, id, now - carrier.attached);
    if (this.#attached === null && tier !== "websocket") {
      this.#attach(now, carrier);
    } else if (this.#attached === null) {
      // A WebSocket cannot take another epoch: the server may have closed it. If it has, that will be seen.
      this.#attached = id;
    }
    this.#carried(now, carrier);
  }

  /** A better carrier that is attached takes the packets, so it may only take as long as this one took. */
  #hurry(now: number, id: number, took: number): void {
    const better = this.#carrier(this.#attached);
    if (!better || better.id === id) return;
    const deadline = better.attached + Math.max(took, this.#raceDelay);
    if (better.deadline !== null) better.deadline = Math.min(better.deadline, deadline);
    if (deadline <= now) this.#stop(better.id);
  }

  /** Ends a carrier; it counts neither as failed nor as tried. */
  #stop(id: number): Carrier | null {
    const index = this.#carriers.findIndex((it) => it.id === id);
    const [carrier] = index < 0 ? [] : this.#carriers.splice(index, 1);
    if (!carrier) return null;
    if (this.#attached === id) this.#attached = null;
    this.#actions.push({ type: "stop", carrier: id });
    return carrier;
  }

  #stopAll(which: (carrier: Carrier) => boolean): void {
    this.#carriers.filter(which).forEach(({ id }) => this.#stop(id));
  }

  #lost(now: number, lost: Carrier, failure: Failure): void {
    const trials = this.#trials[lost.tier];
    // One that took the place of another has not been tried in the background yet.
    const replaced = lost.phase === "attached" && !lost.trial && !this.#opening;
    const carried = lost.phase === "proved" || replaced;
    const wait = trials.failed({ tier: lost.tier, carried, promoted: lost.promoted }, now);
    trials.due = wait === 0 ? now : now + this.#random.jitter(wait);
    if (this.#opening) {
      this.#lostInOpening(now);
    } else if (this.#carrying === lost.id) {
      this.#carrying = null;
      this.#rememberAt = null;
      this.#failure = failure;
      this.#demote(now, lost.tier);
    } else if (this.#carrying !== null) {
      this.#attachAgain(now);
    } else if (lost.phase === "attached") {
      this.#demote(now, lost.tier);
    }
    this.#startTrials(now);
  }

  #carrier(id: number | null): Carrier | undefined {
    return this.#carriers.find((it) => it.id === id);
  }

  #exists(tier: Tier): boolean {
    return this.#carriers.some((it) => it.tier === tier);
  }

  // === Races ===

  /** The tier that an opening begins with. */
  #first(remembered: LadderOptions["remembered"]): Tier {
    if (remembered && this.#tiers.has(remembered.tier) && remembered.age < MEMORY) return remembered.tier;
    return this.#tiers.best ?? "websocket";
  }

  get #raceDelay(): number {
    return this.#opening ? this.#openingDelay : Math.max(this.#openingDelay, MIN_RACE_DELAY);
  }

  #beginRace(now: number, first: Tier, tried: Tiers): void {
    const isOver = this.#tiers.without(tried).isEmpty;
    this.#race = { tried, first, at: isOver ? null : now + this.#raceDelay };
  }

  /** The next tiers have their turn: better ones than the first, or the best of those that are left. */
  #raceOn(now: number): void {
    if (!this.#race) return;
    const { tried, first } = this.#race;
    const untried = this.#tiers.without(tried);
    const better = untried.betterThan(first).list;
    const next = better.length > 0 ? better : untried.list.slice(0, 1);
    this.#beginRace(now, first, next.reduce((tiers, tier) => tiers.with(tier), tried));
    next.forEach((tier) => this.#start(now, tier, false));
  }

  #lostInOpening(now: number): void {
    const stale = this.#carriers.find((it) => it.stale);
    if (this.#attached === null && stale) this.#attach(now, stale);
    if (this.#race?.at != null) {
      this.#raceOn(now);
    } else if (this.#carriers.length === 0 && !this.#over) {
      this.#over = true;
      this.#actions.push({ type: "giveUp" });
    }
  }

  /** Nothing carries the session since a carrier of this tier has failed. */
  #demote(now: number, failed: Tier): void {
    this.#beginRace(now, "websocket", Tiers.upTo(failed));
    // One that is attached already is waited for.
    const attached = this.#carriers.filter((it) => it.phase === "attached");
    const waiting = attached.sort((a, b) => b.epoch - a.epoch)[0];
    if (!waiting) this.#raceOn(now);
    else if (this.#attached === null && waiting.tier !== "websocket") this.#attach(now, waiting);
    const worst = this.#tiers.worst;
    if (worst === undefined || !isBetter(failed, worst)) {
      this.#restart.schedule(now, (wait) => this.#random.jitter(wait));
    }
  }

  /**
   * Everything is tried again: the HTTP tiers race, and a WebSocket is on trial beside them, but later, so that it does not
   * take the only connection that a proxy may allow.
   */
  #startAll(now: number): void {
    this.#restart.at = null;
    const first = this.#firstOfRestart;
    if (first === undefined) return;
    this.#beginRace(now, first, new Tiers(["websocket", first]));
    this.#start(now, first, false);
    if (!this.#trials.websocket.onProbation) this.#trials.websocket.due = now + this.#raceDelay;
  }

  /**
   * The best HTTP tier, but for the first time none that is on probation: what carried the session before may have failed
   * only because the connection of such a one was not gone yet.
   */
  get #firstOfRestart(): Tier | undefined {
    const http = this.#tiers.list.filter((tier) => tier !== "websocket");
    const first = http.find((tier) => !(this.#restart.isFirst && this.#trials[tier].onProbation));
    return first ?? http[0] ?? this.#tiers.best;
  }

  // === Trials in the background ===

  /** This carrier has begun to carry the session. */
  #carried(now: number, carrier: Carrier): void {
    const { tier } = carrier;
    const wasDown = this.#restart.clear();
    if (wasDown) {
      // What was begun while nothing worked may hang for longer than a new attempt takes.
      this.#stopAll((it) => it.phase === "connecting");
      const { worst } = this.#tiers;
      if (tier !== "websocket" && worst !== undefined && isBetter(tier, worst)) carrier.promoted = now;
    }
    const race = this.#race;
    this.#race = null;
    for (const other of TIERS) {
      const trials = this.#trials[other];
      const at = (race && !race.tried.has(other) ? race.at : null) ?? now;
      if (!isBetter(other, tier)) trials.due = null;
      else if (!this.#exists(other) && (trials.due === null || (wasDown && !trials.onProbation))) trials.due = at;
    }
    this.#startTrials(now);
  }

  /** Ends the trial that has taken the session; it is due when it can be made again. */
  #putOffTrial(now: number): void {
    const onTrial = this.#carriers.find((it) => it.trial && it.tier !== "websocket");
    if (!onTrial) return;
    this.#stop(onTrial.id);
    this.#trials[onTrial.tier].due = now;
  }

  #startTrials(now: number): void {
    for (const tier of TIERS) {
      const at = this.#trialAt(tier);
      if (at === null || at > now) continue;
      this.#trials[tier].due = null;
      this.#start(now, tier, true);
    }
  }

  /** When this tier is tried in the background, as things are. */
  #trialAt(tier: Tier): number | null {
    const { due } = this.#trials[tier];
    const newest = this.#carrier(this.#carrying ?? this.#attached)?.tier ?? this.#tiers.worst;
    // A long-poll has to take the session to be tried, so what it is taken from must work.
    const mayAttach = this.#carrying !== null && this.#carrying === this.#attached;
    const isPossible = tier === "websocket" || mayAttach;
    const canStart = !this.#opening && this.#tiers.has(tier) && !this.#exists(tier);
    if (due === null || newest === undefined || !isBetter(tier, newest) || !isPossible || !canStart) return null;
    return this.#quietUntil === null ? due : Math.max(due, this.#quietUntil);
  }
}
