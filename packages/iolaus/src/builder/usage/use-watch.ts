import { setTimeout as sleep } from 'node:timers/promises';
import { readKernelUnits } from './kernel-units.ts';
import type { KernelUnits } from './kernel-units.ts';
import { readEnvironment, readProcesses } from './processes.ts';
import type { ProcessState } from './processes.ts';

/** What a build has used of its machine. */
export type BuildUse = {
  readonly cpuUserMicroseconds: number;
  readonly cpuSystemMicroseconds: number;
  readonly peakMemoryBytes: number;
};

/** A build that is being watched until it is disposed of. */
export type WatchedBuild = Disposable & {
  /** So far. Null: nobody has looked yet, or its processes are hidden from us. */
  use(): BuildUse | null;
};

type Watched = {
  /** A variable that only its processes have; null: nothing tells them from others. */
  readonly variable: string | null;
  readonly startedAt: number;
  lookedAt: number;
  userTicks: number;
  systemTicks: number;
  peakPages: number;
};

/** Builds that end sooner hardly burden their machine. */
const intervalMilliseconds = 1_000;
/** Looking must cost little: so many times as long as it took nobody looks again. */
const restFactor = 30;
/** No build's processes are nested deeper; the table is not of one moment, and might go in circles. */
const depthMax = 200;

/**
 * Sums up what the processes of builds use, every second. The daemon starts them, and says nothing of them; they are known
 * by the path of their output, which is in their environment, and their children by their parents. That can be read by
 * root, and by the user as whom builds run.
 */
export class UseWatch {
  readonly #units: KernelUnits | null = readKernelUnits();
  readonly #watched = new Set<Watched>();
  /** By process: a pid and its start. */
  #owners = new Map<string, Watched>();
  #isLooking = false;

  /** Watches the build whose processes have this variable, `NAME=VALUE`, and no other's. */
  watch(variable: string | null): WatchedBuild {
    const startedAt = performance.now();
    const use = { userTicks: 0, systemTicks: 0, peakPages: 0 };
    const watched: Watched = { variable, startedAt, lookedAt: startedAt, ...use };
    if (variable !== null) this.#watched.add(watched);
    if (!this.#isLooking && this.#units !== null) void this.#look();
    return {
      use: () => this.#useOf(watched),
      [Symbol.dispose]: () => void this.#watched.delete(watched),
    };
  }

  #useOf(watched: Watched): BuildUse | null {
    const { startedAt, lookedAt, userTicks, systemTicks, peakPages } = watched;
    if (this.#units === null || peakPages === 0) return null;
    const { pageBytes, ticksPerSecond } = this.#units;
    // What it did since somebody looked is taken to be like what it did before.
    const whole = (performance.now() - startedAt) / (lookedAt - startedAt);
    const microseconds = (ticks: number) => Math.round((ticks / ticksPerSecond) * 1e6 * whole);
    return {
      cpuUserMicroseconds: microseconds(userTicks),
      cpuSystemMicroseconds: microseconds(systemTicks),
      peakMemoryBytes: peakPages * pageBytes,
    };
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    for (let rest = intervalMilliseconds; this.#watched.size > 0;) {
      await sleep(rest, undefined, { ref: false });
      const early = this.#untilWorthLooking();
      rest = early > 0 ? early : await this.#lookOnce();
    }
    this.#owners.clear();
    this.#isLooking = false;
  }

  /** Milliseconds until the oldest of the builds has gone on for long enough. */
  #untilWorthLooking(): number {
    const [oldest] = this.#watched;
    if (oldest === undefined) return intervalMilliseconds;
    return Math.max(0, intervalMilliseconds - (performance.now() - oldest.startedAt));
  }

  /** Returns for how many milliseconds nobody has to look again. */
  async #lookOnce(): Promise<number> {
    const began = performance.now();
    const processes = await readProcesses();
    await this.#learnOwners(processes);
    const sums = new Map<Watched, { user: number; system: number; pages: number }>();
    for (const process of processes.values()) {
      const owner = this.#ownerOf(process, processes);
      if (owner === undefined) continue;
      const sum = sums.get(owner) ?? { user: 0, system: 0, pages: 0 };
      sum.user += process.userTicks;
      sum.system += process.systemTicks;
      sum.pages += process.residentPages;
      sums.set(owner, sum);
    }
    for (const [watched, { user, system, pages }] of sums) {
      watched.lookedAt = performance.now();
      watched.userTicks = Math.max(watched.userTicks, user);
      watched.systemTicks = Math.max(watched.systemTicks, system);
      watched.peakPages = Math.max(watched.peakPages, pages);
    }
    return Math.max(intervalMilliseconds, restFactor * (performance.now() - began));
  }

  /** Forgets those that have ended. One that is nobody's is asked again: what a process is told, it is told after its birth. */
  async #learnOwners(processes: ReadonlyMap<number, ProcessState>): Promise<void> {
    const former = this.#owners;
    this.#owners = new Map();
    await Promise.all(
      processes.values().map(async (process) => {
        const key = keyOf(process);
        const owner = former.get(key) ?? this.#find(await readEnvironment(process.pid));
        if (owner !== undefined) this.#owners.set(key, owner);
      }),
    );
  }

  #find(environment: readonly string[]): Watched | undefined {
    const variables = new Set(environment);
    return this.#watched
      .values()
      .find(({ variable }) => variable !== null && variables.has(variable));
  }

  #ownerOf(
    process: ProcessState,
    processes: ReadonlyMap<number, ProcessState>,
  ): Watched | undefined {
    let next: ProcessState | undefined = process;
    for (let depth = 0; next !== undefined && depth < depthMax; depth += 1) {
      const owner = this.#owners.get(keyOf(next));
      if (owner !== undefined) return owner;
      next = processes.get(next.parent);
    }
    return undefined;
  }
}

const keyOf = ({ pid, startedTicks }: ProcessState): string => `${pid} ${startedTicks}`;
