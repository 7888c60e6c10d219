import type { DerivationPath } from '@iolaus/nix';
import { readUnfinishedBuilds } from '../../database/builds/read-unfinished-builds.ts';
import type { Queryable } from '../../database/connection/connection.ts';
import type { Logger } from '../../logging/logger.ts';
import type { DerivationFacts } from '../store/derivation-facts.ts';
import type { KeptFacts } from '../store/derivations.ts';
import { AddedIds } from '../ingest/added-ids.ts';
import type { QueueChange } from '../ingest/queue.ts';
import type { FollowedQueue } from '../ingest/queue-watch.ts';
import { readUnfinishedGraph } from '../ingest/unfinished-graph.ts';
import type { GraphSources } from '../ingest/unfinished-graph.ts';
import type { RunnerStore } from '../store/runner-store.ts';

// As many as share their questions to the daemon when the queue is taken in.
const buildsAtATime = 500;

/** What is found out when the lead is taken. */
const leftForLater: Omit<GraphSources, 'derivations' | 'validPaths' | 'isStep'> = {
  failedBefore: async () => new Set(),
  learnOutputs: async () => {},
  resolutions: async () => new Map(),
  retryPlan: () => undefined,
  isUnderWay: () => false,
  substitute: async () => [],
  claim: async () => new Set(),
};

/** The derivations of a queue on which another runner works: at most what its unfinished builds lacked when they were read. */
export class WarmGraph implements FollowedQueue {
  readonly #database: Queryable;
  readonly #store: Pick<RunnerStore, 'derivations' | 'validPaths'>;
  readonly #kept: KeptFacts;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  /** Each name once: most are an input of many. */
  readonly #names = new Map<DerivationPath, DerivationPath>();
  readonly #ids = new AddedIds();

  constructor(options: {
    readonly database: Queryable;
    readonly store: Pick<RunnerStore, 'derivations' | 'validPaths'>;
    /** Filled here. */
    readonly kept: KeptFacts;
    readonly logger: Logger;
    /** Aborted: nothing more is read or kept. */
    readonly signal: AbortSignal;
  }) {
    this.#database = options.database;
    this.#store = options.store;
    this.#kept = options.kept;
    this.#logger = options.logger;
    this.#signal = options.signal;
  }

  noteAdded(lowest: number): void {
    this.#ids.noteAdded(lowest);
  }

  /** Nobody asks for a single one here. */
  async takeOne(): Promise<void> {}

  async follow(changes: ReadonlySet<QueueChange>): Promise<void> {
    const isWhole = changes.has('builds-changed');
    if (!isWhole && !changes.has('builds-added')) return;
    const builds = await this.#ids.look((afterId) =>
      readUnfinishedBuilds(this.#database, { afterId: isWhole ? 0 : afterId }),
    );
    const roots = [...new Set(builds.map(({ derivation }) => derivation))];
    if (isWhole) this.#keepOnly(roots);
    for (let start = 0; start < roots.length && !this.#signal.aborted; start += buildsAtATime) {
      await this.#read(roots.slice(start, start + buildsAtATime));
    }
    for (const { id } of builds) this.#ids.noteSeen(id);
    const told = { builds: builds.length, derivations: this.#kept.size };
    this.#logger.info(told, 'read while standing by');
  }

  /** Down to what is built. */
  async #read(roots: readonly DerivationPath[]): Promise<void> {
    const { validPaths, derivations } = this.#store;
    const read: KeptFacts = new Map();
    await readUnfinishedGraph(roots, {
      ...leftForLater,
      validPaths,
      derivations: { ...derivations, facts: (path) => this.#readFacts(path, read) },
      isStep: (path) => this.#kept.has(path),
    });
    // Below what is kept nobody looks again: only a walk that came to its end may be.
    if (this.#signal.aborted) return;
    for (const [path, facts] of read) this.#kept.set(path, facts);
  }

  #readFacts(path: DerivationPath, read: KeptFacts): DerivationFacts {
    this.#signal.throwIfAborted();
    const facts = this.#store.derivations.facts(path);
    const kept = { ...facts, inputs: facts.inputs.map((input) => this.#nameOf(input)) };
    read.set(this.#nameOf(path), kept);
    return kept;
  }

  #nameOf(path: DerivationPath): DerivationPath {
    const known = this.#names.get(path);
    if (known === undefined) this.#names.set(path, path);
    return known ?? path;
  }

  #keepOnly(roots: readonly DerivationPath[]): void {
    const needed = new Set(roots);
    // A set goes on to what is added while it is walked.
    for (const path of needed) {
      for (const input of this.#kept.get(path)?.inputs ?? []) needed.add(input);
    }
    for (const kept of [this.#kept, this.#names]) {
      for (const path of kept.keys()) if (!needed.has(path)) kept.delete(path);
    }
  }
}
