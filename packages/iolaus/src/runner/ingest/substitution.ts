import { DaemonPool } from '@iolaus/nix';
import type { BuildOptions, DaemonAddress, DerivationPath, StorePath } from '@iolaus/nix';
import type { Clock } from '../../clock/clock.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';

/** What of a derivation's outputs is not in the store. */
export type Wanted = {
  readonly derivation: DerivationPath;
  readonly missing: ReadonlyMap<string, StorePath>;
};

/** An output that was fetched instead of built. Times are milliseconds since the epoch. */
export type Substituted = {
  readonly derivation: DerivationPath;
  readonly output: string;
  readonly path: StorePath;
  readonly startedAt: number;
  readonly stoppedAt: number;
};

/** How often outputs were fetched since the runner started, and how often that went wrong. */
export type SubstitutionTally = { started: number; succeeded: number; failed: number };

/** Has the daemon's substituters asked for what is to be built. */
export type Substitution = {
  /** Fetches what can be had whole: with an output less it would be built all the same. Never rejects. */
  fetch(wanted: readonly Wanted[]): Promise<readonly Substituted[]>;
  /**
   * Fetches the outputs of a derivation without inputs, whose paths a substituter may tell; returns those that it got.
   * Never rejects.
   */
  realise(derivation: DerivationPath): Promise<ReadonlyMap<string, StorePath>>;
  readonly tally: Readonly<SubstitutionTally>;
};

// As many as Hydra's runner fetches for a step; most of the time goes by in the network.
const fetchesAtOnce = 10;

/** Whoever may build nothing can only fetch. */
const substituteOnly: BuildOptions = {
  maxBuildJobs: 0,
  useSubstitutes: true,
  overrides: new Map([['builders', '']]),
};

/** For where nothing is to be fetched. */
export const noSubstitution: Substitution = {
  fetch: async () => [],
  realise: async () => new Map(),
  tally: { started: 0, succeeded: 0, failed: 0 },
};

type SubstitutionOptions = {
  readonly daemon: DaemonAddress;
  readonly clock: Clock;
  readonly logger: Logger;
};

export function openSubstitution(options: SubstitutionOptions): Substitution & AsyncDisposable {
  return new DaemonSubstitution(options);
}

class DaemonSubstitution implements Substitution, AsyncDisposable {
  readonly tally: SubstitutionTally = { started: 0, succeeded: 0, failed: 0 };
  readonly #pool: DaemonPool;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({ daemon, clock, logger }: SubstitutionOptions) {
    this.#pool = new DaemonPool(daemon, { limit: fetchesAtOnce });
    this.#clock = clock;
    this.#logger = logger;
  }

  async fetch(wanted: readonly Wanted[]): Promise<readonly Substituted[]> {
    const paths = wanted.flatMap(({ missing }) => [...missing.values()]);
    if (paths.length === 0) return [];
    const available = await this.#askSubstituters(paths);
    const whole = wanted.filter(({ missing }) =>
      missing.values().every((path) => available.has(path)),
    );
    const fetched = await Promise.all(
      whole.flatMap(({ derivation, missing }) =>
        [...missing].map((output) => this.#fetchOutput(derivation, output)),
      ),
    );
    return fetched.filter((one) => one !== null);
  }

  async realise(derivation: DerivationPath): Promise<ReadonlyMap<string, StorePath>> {
    const target = { type: 'outputs', derivation, outputs: 'all' } as const;
    try {
      const results = await this.#pool.use(async (connection) => {
        await connection.setOptions(substituteOnly);
        return connection.buildPathsWithResults([target]);
      });
      return results[0]?.result.outputs ?? new Map();
    } catch {
      // Up to Nix 2.26 it is an error if nobody has them.
      return new Map();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  async #fetchOutput(
    derivation: DerivationPath,
    [output, path]: readonly [string, StorePath],
  ): Promise<Substituted | null> {
    this.tally.started += 1;
    const startedAt = this.#clock.now();
    try {
      await this.#pool.use((connection) => connection.ensurePath(path));
      this.tally.succeeded += 1;
      return { derivation, output, path, startedAt, stoppedAt: this.#clock.now() };
    } catch (error) {
      this.tally.failed += 1;
      this.#logger.warn({ path, error: describeError(error) }, 'an output could not be fetched');
      return null;
    }
  }

  /** Which of the paths a substituter has: one question for all, which not every substituter answers well. */
  async #askSubstituters(paths: readonly StorePath[]): Promise<ReadonlySet<StorePath>> {
    const targets = paths.map((path) => ({ type: 'path', path }) as const);
    try {
      const { willSubstitute } = await this.#pool.use((connection) =>
        connection.queryMissing(targets),
      );
      return new Set(willSubstitute);
    } catch (error) {
      this.#logger.warn({ error: describeError(error) }, 'no substituter can be asked');
      return new Set();
    }
  }
}
