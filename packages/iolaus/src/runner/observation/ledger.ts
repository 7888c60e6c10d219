import { LRUCache } from 'lru-cache';
import type { Clock } from '../../clock/clock.ts';
import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { FarmEvent } from '../../farm/event.ts';
import type { Farm } from '../../farm/farm.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import type { FollowedQueue } from '../ingest/queue-watch.ts';

/** Milliseconds that reported attempts took: in all, and in their parts. */
export type StepTimes = { total: number; import: number; build: number; upload: number };

const noTimes = (): StepTimes => ({ total: 0, import: 0, build: 0, upload: 0 });

/** What one machine did, by its host name; a machine that comes back goes on where it was. */
export type MachineTally = {
  running: number;
  stepsDone: number;
  succeeded: number;
  failed: number;
  failuresInARow: number;
  readonly times: StepTimes;
  /** Seconds since the epoch; null: never. */
  lastFailure: number | null;
  /** Seconds since the epoch; null: it is at work. */
  idleSince: number | null;
};

export type Totals = {
  checksStarted: number;
  checksFinished: number;
  /** Microseconds in which the queue was read. */
  checking: number;
  buildsRead: number;
  buildsSucceeded: number;
  buildsFailed: number;
  stepsStarted: number;
  stepsFinished: number;
  maxTries: number;
  decisions: number;
  /** Microseconds in which the farm decided. */
  deciding: number;
  readonly times: StepTimes;
};

// Machines that come and go by the hour have ever new names; nobody asks for those of last month.
const machinesRemembered = 10_000;

type Running = { readonly hostname: string; readonly startedAt: number };

/** Takes figures of which more than the sum is wanted. */
export type Spreads = {
  /** A step of the system was given out after so long. */
  noteWait(system: string, milliseconds: number): void;
  /** A step became known that needs so many others first. */
  noteInputs(system: string, count: number): void;
};

/** Counts what happens: it sees every event that goes into the farm and every effect that comes out. */
export class Ledger {
  readonly totals: Totals = {
    checksStarted: 0,
    checksFinished: 0,
    checking: 0,
    buildsRead: 0,
    buildsSucceeded: 0,
    buildsFailed: 0,
    stepsStarted: 0,
    stepsFinished: 0,
    maxTries: 0,
    decisions: 0,
    deciding: 0,
    times: noTimes(),
  };
  readonly #machines = new LRUCache<string, MachineTally>({ max: machinesRemembered });
  readonly #waits = new Map<string, number>();
  readonly #running = new Map<AttemptNumber, Running>();
  readonly #clock: Clock;

  readonly #spreads: Spreads;

  constructor(clock: Clock, spreads: Spreads) {
    this.#clock = clock;
    this.#spreads = spreads;
  }

  /** The same farm, looked at. */
  watchFarm(farm: Farm): Farm {
    const apply: Farm['apply'] = (event, now) => {
      const began = this.#clock.elapsed();
      const effects = farm.apply(event, now);
      this.totals.deciding += 1_000 * (this.#clock.elapsed() - began);
      this.totals.decisions += 1;
      this.#noteEvent(event);
      for (const effect of effects) this.#noteEffect(effect, farm);
      return effects;
    };
    return { ...farm, apply };
  }

  /** The same queue, looked at. */
  watchQueue(queue: FollowedQueue): FollowedQueue {
    const count = async (look: Promise<void>): Promise<void> => {
      const began = this.#clock.elapsed();
      this.totals.checksStarted += 1;
      try {
        await look;
        this.totals.checksFinished += 1;
      } finally {
        this.totals.checking += 1_000 * (this.#clock.elapsed() - began);
      }
    };
    return {
      noteAdded: (lowest) => queue.noteAdded(lowest),
      follow: (changes) => count(queue.follow(changes)),
      takeOne: (build) => count(queue.takeOne(build)),
    };
  }

  machine(hostname: string): MachineTally {
    let tally = this.#machines.get(hostname);
    if (tally === undefined) {
      tally = {
        running: 0,
        stepsDone: 0,
        succeeded: 0,
        failed: 0,
        failuresInARow: 0,
        times: noTimes(),
        lastFailure: null,
        idleSince: Math.floor(this.#clock.now() / 1_000),
      };
      this.#machines.set(hostname, tally);
    }
    return tally;
  }

  /** How long the steps of a system stood in their queue in all, before they were given out. */
  waitMillisecondsOf(system: string): number {
    return this.#waits.get(system) ?? 0;
  }

  #noteEvent(event: FarmEvent): void {
    if (event.type === 'builds-queued') {
      this.totals.buildsRead += event.builds.length;
      for (const { system, inputs } of event.steps) this.#spreads.noteInputs(system, inputs.length);
    }
    if (event.type === 'build-found-built' || event.type === 'build-unreadable') {
      this.totals.buildsRead += 1;
    }
  }

  #noteEffect(effect: FarmEffect, farm: Farm): void {
    switch (effect.type) {
      case 'start-attempt':
        return this.#noteStart(effect);
      case 'finish-attempt':
        this.totals.maxTries = Math.max(
          this.totals.maxTries,
          farm.survey.triesOf(effect.derivation),
        );
        return this.#noteEnd(effect);
      case 'succeed-build':
        this.totals.buildsSucceeded += 1;
        return undefined;
      case 'fail-build':
        this.totals.buildsFailed += 1;
        return undefined;
      default:
        return undefined;
    }
  }

  #noteStart(effect: Effect<'start-attempt'>): void {
    const { attempt, hostname, startedAt } = effect;
    this.totals.stepsStarted += 1;
    this.#noteWait(effect.step.system, startedAt - effect.runnableSince);
    this.#running.set(attempt, { hostname, startedAt });
    const machine = this.machine(hostname);
    machine.running += 1;
    machine.idleSince = null;
  }

  #noteWait(system: string, milliseconds: number): void {
    this.#waits.set(system, this.waitMillisecondsOf(system) + milliseconds);
    this.#spreads.noteWait(system, milliseconds);
  }

  #noteEnd({ attempt, outcome, times, stoppedAt }: Effect<'finish-attempt'>): void {
    const running = this.#running.get(attempt);
    this.#running.delete(attempt);
    this.totals.stepsFinished += 1;
    if (running === undefined) return;
    const machine = this.machine(running.hostname);
    machine.running -= 1;
    const seconds = Math.floor(stoppedAt / 1_000);
    if (machine.running === 0) machine.idleSince = seconds;
    machine.stepsDone += 1;
    for (const sum of [machine.times, this.totals.times]) {
      sum.total += stoppedAt - running.startedAt;
      sum.import += times?.importMilliseconds ?? 0;
      sum.build += times?.buildMilliseconds ?? 0;
      sum.upload += times?.uploadMilliseconds ?? 0;
    }
    noteOutcome(machine, outcome, seconds);
  }
}

function noteOutcome(
  machine: MachineTally,
  outcome: Effect<'finish-attempt'>['outcome'],
  seconds: number,
): void {
  if (outcome === 'cancelled') return;
  if (outcome === 'succeeded') {
    machine.succeeded += 1;
    machine.failuresInARow = 0;
    return;
  }
  machine.failed += 1;
  machine.failuresInARow += 1;
  machine.lastFailure = seconds;
}
