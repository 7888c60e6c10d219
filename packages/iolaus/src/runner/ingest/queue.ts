import type { DerivationPath } from '@iolaus/nix';
import type { Database } from '../../database/connection/connection.ts';
import { forgetFailures } from '../../database/steps/failed-paths.ts';
import { readJobsets } from '../../database/evaluations/read-jobsets.ts';
import {
  readUnfinishedBuilds,
  readUnfinishedPriorities,
} from '../../database/builds/read-unfinished-builds.ts';
import type { BuildFacts } from '../../farm/facts.ts';
import type { BuildId, JobsetId } from '../../farm/identity.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Decisions } from '../records/decisions.ts';
import type { FoundResults } from '../store/found-results.ts';
import type { NoteFound } from './record-found.ts';
import type { NoteSubstituted } from './record-substitutions.ts';
import type { RetryPlans } from '../attempts/retry-plans.ts';
import type { Unfolding } from '../resolution/unfolding.ts';
import { readUnfinishedGraph } from './unfinished-graph.ts';
import type { GraphSources, UnfinishedGraph } from './unfinished-graph.ts';

// Builds whose graphs are read together: enough to share their questions to the daemon, and few enough that the first
// of a large evaluation start while the rest is read.
const buildsAtATime = 500;
// Of builds that are there already: they share their questions to the daemon too, and each opens a few files.
const resultsAtATime = 100;

/** What changed in the queue, as far as a notification tells. */
export type QueueChange = 'builds-added' | 'builds-changed' | 'shares-changed';

/** Puts builds together that look for what is there in the same places. */
export type SplitBySources = (
  builds: readonly BuildFacts[],
) => Promise<readonly { readonly builds: readonly BuildFacts[]; readonly sources: GraphSources }[]>;

/** A graph, and what changed or was taken for granted while it was read. */
type Reading = {
  readonly graph: UnfinishedGraph;
  readonly succeeded: ReadonlySet<DerivationPath>;
  readonly assumed: ReadonlySet<DerivationPath>;
};

/** Brings what the database has queued into the farm, and tells it what somebody else changed there. */
export class Queue {
  readonly #database: Database;
  readonly #decisions: Pick<Decisions, 'submit'>;
  readonly #sources: GraphSources;
  readonly #splitBySources: SplitBySources;
  readonly #results: FoundResults;
  readonly #retryPlans: Pick<RetryPlans, 'dropUnneeded'>;
  readonly #noteSubstituted: NoteSubstituted;
  readonly #noteFound: NoteFound;
  readonly #unfolding: Pick<Unfolding, 'dropUnneeded'>;
  readonly #logger: Logger;
  readonly #known = new Map<BuildId, { derivation: DerivationPath; globalPriority: number }>();
  readonly #jobsets = new Set<JobsetId>();
  /** Steps that succeed while a graph is read: what was read of them is out of date. */
  #succeededMeanwhile: Set<DerivationPath> | undefined;
  /** What was taken last is in the database. */
  #recorded: Promise<void> = Promise.resolve();
  #highestSeen = 0;
  /** The lowest id of a build that was added since somebody looked. */
  #lowestAdded = Infinity;
  /** Builds that are left alone, and told of once. */
  readonly #unreadable = new Set<BuildId>();

  constructor(options: {
    readonly database: Database;
    readonly decisions: Pick<Decisions, 'submit'>;
    readonly sources: GraphSources;
    readonly splitBySources: SplitBySources;
    readonly results: FoundResults;
    readonly retryPlans: Pick<RetryPlans, 'dropUnneeded'>;
    readonly noteSubstituted: NoteSubstituted;
    readonly noteFound: NoteFound;
    readonly unfolding: Pick<Unfolding, 'dropUnneeded'>;
    readonly logger: Logger;
  }) {
    this.#database = options.database;
    this.#decisions = options.decisions;
    this.#sources = options.sources;
    this.#splitBySources = options.splitBySources;
    this.#results = options.results;
    this.#retryPlans = options.retryPlans;
    this.#noteSubstituted = options.noteSubstituted;
    this.#noteFound = options.noteFound;
    this.#unfolding = options.unfolding;
    this.#logger = options.logger;
  }

  /** The derivation that a queued build asks for. */
  derivationOf(build: BuildId): DerivationPath | undefined {
    return this.#known.get(build)?.derivation;
  }

  get size(): number {
    return this.#known.size;
  }

  /** The build's row says that it is finished. */
  forget(build: BuildId): void {
    this.#known.delete(build);
  }

  noteSuccess(derivation: DerivationPath): void {
    this.#succeededMeanwhile?.add(derivation);
  }

  /** Builds were added, this one and others above it. Whoever adds many takes the ids long before they can be seen. */
  noteAdded(lowest: number): void {
    this.#lowestAdded = Math.min(this.#lowestAdded, lowest);
  }

  /** Reads what the changes are about. One call at a time. */
  async follow(changes: ReadonlySet<QueueChange>): Promise<void> {
    if (changes.has('shares-changed')) await this.#readShares([...this.#jobsets]);
    if (changes.has('builds-changed')) await this.#compare();
    if (!changes.has('builds-added')) return;
    await this.#takeAdded();
    this.#sources.derivations.dropKept();
    await this.#decisions.submit({ type: 'queue-read' });
    await this.#retryPlans.dropUnneeded();
    await this.#unfolding.dropUnneeded();
  }

  /** Takes one build, whatever else is queued; nothing if it is known, finished or not there. */
  async takeOne(build: BuildId): Promise<void> {
    if (this.#known.has(build)) return;
    await this.#takeUnknown({ ids: [build] });
  }

  /** New rows have higher ids than all that were seen, or than somebody said. */
  async #takeAdded(): Promise<void> {
    const lowest = this.#lowestAdded;
    this.#lowestAdded = Infinity;
    try {
      await this.#takeUnknown({ afterId: Math.min(this.#highestSeen, lowest - 1) });
    } catch (error) {
      this.noteAdded(lowest);
      throw error;
    }
  }

  async #takeUnknown(which: { readonly afterId: number } | { readonly ids: BuildId[] }) {
    const builds = await readUnfinishedBuilds(this.#database, which, (build, derivation) =>
      this.#leaveAlone(build, derivation),
    );
    await this.#take(builds.filter(({ id }) => !this.#known.has(id)));
  }

  #leaveAlone(build: BuildId, derivation: string): void {
    if (this.#unreadable.has(build)) return;
    this.#unreadable.add(build);
    this.#logger.error({ build, derivation }, 'the derivation of a build is no path of one');
  }

  /** Looks for builds that were cancelled, deleted, bumped or restarted. */
  async #compare(): Promise<void> {
    const rows = await readUnfinishedPriorities(this.#database);
    const unfinished = new Map(rows.map(({ id, globalPriority }) => [id, globalPriority]));
    for (const [build, { globalPriority }] of this.#known) {
      const now = unfinished.get(build);
      if (now === undefined) this.#withdraw(build);
      else if (now !== globalPriority) this.#reprioritise(build, now);
    }
    const restarted = [...unfinished.keys()].filter(
      (id) => !this.#known.has(id) && !this.#unreadable.has(id),
    );
    if (restarted.length === 0) return;
    // Whoever restarts a build wants to see it tried.
    await forgetFailures(this.#database, { type: 'of-restarted', builds: restarted });
    await this.#takeUnknown({ ids: restarted });
  }

  #withdraw(build: BuildId): void {
    this.#known.delete(build);
    void this.#decisions.submit({ type: 'build-withdrawn', build }).catch(() => {});
  }

  #reprioritise(build: BuildId, globalPriority: number): void {
    const known = this.#known.get(build);
    if (known !== undefined) known.globalPriority = globalPriority;
    const event = { type: 'build-reprioritised', build, globalPriority } as const;
    void this.#decisions.submit(event).catch(() => {});
  }

  async #take(builds: readonly BuildFacts[]): Promise<void> {
    for (let start = 0; start < builds.length; start += buildsAtATime) {
      const some = builds.slice(start, start + buildsAtATime);
      for (const { id, derivation, globalPriority } of some) {
        this.#known.set(id, { derivation, globalPriority });
        this.#highestSeen = Math.max(this.#highestSeen, id);
      }
      try {
        for (const { builds: alike, sources } of await this.#splitBySources(some))
          await this.#ingest(alike, sources);
      } catch (error) {
        for (const { id } of some) this.#letBeAdded(id);
        throw error;
      }
    }
    await this.#recorded;
  }

  /** The next look at what was added finds it again. */
  #letBeAdded(build: BuildId): void {
    this.#known.delete(build);
    this.#highestSeen = Math.min(this.#highestSeen, build - 1);
  }

  async #ingest(builds: readonly BuildFacts[], sources: GraphSources): Promise<void> {
    await this.#readShares(
      [...new Set(builds.map(({ jobset }) => jobset))].filter((id) => !this.#jobsets.has(id)),
    );
    const roots = [...new Set(builds.map(({ derivation }) => derivation))];
    const read = async (): Promise<Reading> => {
      const reading = await this.#readGraph(roots, sources);
      await this.#noteSubstituted(builds, reading.graph.substituted);
      await this.#noteFound(builds, reading.graph.found);
      return reading;
    };
    let reading = await read();
    // What the farm knew may have failed or been withdrawn while the rest was read; then it has to be read as well.
    while (!this.#stillHolds(reading)) reading = await read();
    const { graph, succeeded } = reading;
    this.#succeededMeanwhile = undefined;
    const isBuilt = (derivation: DerivationPath): boolean =>
      graph.built.has(derivation) || succeeded.has(derivation);
    const current = builds.filter(({ id }) => this.#known.has(id));
    const queued = this.#decisions.submit({
      type: 'builds-queued',
      builds: current.filter(
        ({ derivation }) => !graph.unreadable.has(derivation) && !isBuilt(derivation),
      ),
      steps: graph.steps.filter(({ derivation }) => !succeeded.has(derivation)),
    });
    this.#abandon(current, graph.unreadable);
    await this.#finishFound(current.filter(({ derivation }) => isBuilt(derivation)));
    await this.#waitForFormer(queued);
    this.#logger.info({ builds: builds.length, steps: graph.steps.length }, 'queued');
  }

  /** The next builds are read while the last ones are recorded, but not more than these. */
  async #waitForFormer(recorded: Promise<void>): Promise<void> {
    const former = this.#recorded;
    this.#recorded = recorded;
    recorded.catch(() => {});
    await former;
  }

  async #readGraph(roots: readonly DerivationPath[], sources: GraphSources): Promise<Reading> {
    const succeeded = new Set<DerivationPath>();
    const assumed = new Set<DerivationPath>();
    this.#succeededMeanwhile = succeeded;
    const isStep = (derivation: DerivationPath): boolean => {
      const known = sources.isStep(derivation);
      if (known) assumed.add(derivation);
      return known;
    };
    const graph = await readUnfinishedGraph(roots, { ...sources, isStep });
    return { graph, succeeded, assumed };
  }

  #stillHolds({ assumed, succeeded }: Reading): boolean {
    return assumed
      .values()
      .every((derivation) => succeeded.has(derivation) || this.#sources.isStep(derivation));
  }

  #abandon(builds: readonly BuildFacts[], unreadable: ReadonlyMap<DerivationPath, string>): void {
    for (const build of builds) {
      const message = unreadable.get(build.derivation);
      if (message === undefined) continue;
      void this.#decisions.submit({ type: 'build-unreadable', build, message }).catch(() => {});
    }
  }

  async #finishFound(builds: readonly BuildFacts[]): Promise<void> {
    const failures: unknown[] = [];
    const finish = async (build: BuildFacts): Promise<void> => {
      try {
        const result = await this.#results.read(build.derivation);
        void this.#decisions.submit({ type: 'build-found-built', build, result }).catch(() => {});
      } catch (error) {
        failures.push(error);
        this.#letBeAdded(build.id);
        this.#logger.error(
          { build: build.id, error: describeError(error) },
          'the outputs of a build are there but cannot be read',
        );
      }
    };
    for (let start = 0; start < builds.length; start += resultsAtATime) {
      await Promise.all(builds.slice(start, start + resultsAtATime).map(finish));
    }
    if (failures.length > 0) throw failures[0];
  }

  async #readShares(jobsets: readonly JobsetId[]): Promise<void> {
    if (jobsets.length === 0) return;
    for (const { id, shares, usedSeconds } of await readJobsets(this.#database, jobsets)) {
      this.#jobsets.add(id);
      await this.#decisions.submit({ type: 'jobset-seen', jobset: id, shares, usedSeconds });
    }
  }
}
