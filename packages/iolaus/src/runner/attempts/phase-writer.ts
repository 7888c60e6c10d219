import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { phaseNumber } from '../../database/status.ts';
import { updateStepPhases } from '../../database/steps/update-step-phases.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { LiveAttempt } from './attempts.ts';

// Phases are for people to look at: a step that is over sooner than this never shows one.
const gatherMilliseconds = 200;

/** Writes the phases of running steps now and then, the latest of each, all in one statement. */
export class PhaseWriter implements AsyncDisposable {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #isLive: (live: LiveAttempt) => boolean;
  readonly #changed = new Set<LiveAttempt>();
  #callOffTimer: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly database: Database;
    readonly logger: Logger;
    readonly clock: Clock;
    readonly isLive: (live: LiveAttempt) => boolean;
  }) {
    this.#database = options.database;
    this.#logger = options.logger;
    this.#clock = options.clock;
    this.#isLive = options.isLive;
  }

  note(live: LiveAttempt): void {
    this.#changed.add(live);
    this.#callOffTimer ??= this.#clock.after(gatherMilliseconds, () => {
      this.#callOffTimer = undefined;
      this.#writing = this.#writing.then(() => this.#write());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#callOffTimer?.();
    await this.#writing;
  }

  async #write(): Promise<void> {
    const rows = [...this.#changed]
      .filter((live) => this.#isLive(live) && live.stepNumber !== undefined)
      .map((live) => ({
        build: live.build,
        stepNumber: live.stepNumber ?? 0,
        busy: phaseNumber(live.phase),
      }));
    this.#changed.clear();
    if (rows.length === 0) return;
    try {
      await this.#database.transaction((transaction) => updateStepPhases(transaction, rows));
    } catch (error) {
      this.#logger.warn(
        { error: describeError(error) },
        'phases of running steps were not written',
      );
    }
  }
}
