import { foreignMachine } from '../foreign-program.ts';
import { epochMilliseconds } from '../life.ts';
import type { World } from '../world.ts';
import type { Watch } from './watch.ts';

/** Build time is charged to the jobset that wants it, where there is but one. */
export class ShareWatch {
  readonly #world: World;
  readonly #watch: Watch;

  constructor(world: World, watch: Watch) {
    this.#world = world;
    this.#watch = watch;
  }

  /** What the runner's latest life has built must be among what the farm counts. */
  lookBack(): void {
    const jobset = this.#onlyJobset();
    const { runner } = this.#world.seat;
    if (jobset === undefined || runner === undefined) return;
    const charged = [...runner.sight.farm.survey.jobsets()].find(({ id }) => id === jobset);
    const usedSeconds = (charged?.usedMilliseconds ?? 0) / 1_000;
    const expected = this.#isClockRight() ? this.#builtSeconds() : 0;
    this.#watch.insist(
      usedSeconds >= expected,
      () =>
        `jobset ${jobset} built for ${expected} s at least, and was charged ${usedSeconds.toFixed(1)} s`,
    );
  }

  /** Otherwise nobody can tell which rows are of the latest life. */
  #isClockRight(): boolean {
    return !this.#world.plan.troubles.some(({ type }) => type === 'clock-set');
  }

  #onlyJobset(): number | undefined {
    const { deeds } = this.#world.plan;
    const jobsets = new Set(
      deeds.flatMap((deed) => (deed.type === 'evaluate' ? [deed.jobset] : [])),
    );
    const [first] = jobsets;
    return jobsets.size === 1 ? first : undefined;
  }

  /** In whole seconds, of which either end may be one too many. */
  #builtSeconds(): number {
    const since = (epochMilliseconds + this.#world.seat.startedAt) / 1_000;
    let seconds = 0;
    for (const row of this.#world.server.tables.steps.committed()) {
      const { startTime, stopTime, machine } = row;
      if (machine === foreignMachine) continue;
      if (startTime === null || stopTime === null || startTime <= since) continue;
      seconds += Math.max(stopTime - startTime - 1, 0);
    }
    return seconds;
  }
}
