import type { DerivationPath } from '@iolaus/nix';
import type { Database } from '../../database/connection/connection.ts';
import { forgetFailures } from '../../database/steps/failed-paths.ts';
import { readJobsets } from '../../database/evaluations/read-jobsets.ts';
import {
  readUnfinishedBuilds,
  readUnfinishedPriorities,
} from '../../database/builds/read-unfinished-builds.ts';
import type { FarmEvent } from '../../farm/event.ts';
import type { BuildFacts } from '../../farm/facts.ts';
import type { BuildId, JobsetId } from '../../farm/identity.ts';
import type { Logger } from '../../logging/logger.ts';
import type { RetryPlans } from '../attempts/retry-plans.ts';
import type { Decisions } from '../records/decisions.ts';
import type { Unfolding } from '../resolution/unfolding.ts';
import type { FoundResults } from '../store/found-results.ts';
import { AddedIds } from './added-ids.ts';
import { finishFound } from './finish-found.ts';
import { GraphReader } from './graph-reader.ts';
import type { Reading } from './graph-reader.ts';
import type { NoteFound } from './record-found.ts';
import type { NoteSubstituted } from './record-substitutions.ts';
import type { GraphSources } from './unfinished-graph.ts';

// Builds whose graphs are read together: enough to share their questions to the daemon, and few enough that the first
// of a large evaluation start while the rest is read.
const buildsAtATime = 500;

/** What changed in the queue, as far as a notification tells. */
export type QueueChange = 'builds-added' | 'builds-changed' | 'shares-changed';

/** Puts builds together that look for what is there in the same places. */
export type SplitBySources = (
  builds: readonly BuildFacts[],
) => Promise<readonly { readonly builds: readonly BuildFacts[]; readonly sources: GraphSources }[]>;

type QueueOptions = {
  readonly database: Database;
  readonly decisions: Pick<Decisions, 'submit'>;
  readonly sources: Pick<GraphSources, 'derivations' | 'isStep'>;
  readonly splitBySources: SplitBySources;
  readonly results: FoundResults;
  readonly retryPlans: Pick<RetryPlans, 'dropUnneeded'>;
  readonly noteSubstituted: NoteSubstituted;
  readonly noteFound: NoteFound;
  readonly unfolding: Pick<Unfolding, 'dropUnneeded'>;
  readonly logger: Logger;
};

/** Brings what the database has queued into the farm, and tells it what somebody else changed there. */
export class Queue {
  readonly #options: QueueOptions;
  readonly #known = new Map<BuildId, { derivation: DerivationPath; globalPriority: number }>();
  readonly #ids = new AddedIds();
  readonly #jobsets = new Set<JobsetId>();
  readonly #reader: GraphReader;
  /** What was taken last is in the database. */
  #recorded: Promise<void> = Promise.resolve();
  /** Builds whose rows name no derivation: told of once, and left alone. */
  readonly #unreadable = new Set<BuildId>();

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#reader = new GraphReader((derivation) => options.sources.isStep(derivation));
  }

  get size(): number {
    return this.#known.size;
  }

  /** The build's row says that it is finished. */
  forget(build: BuildId): void {
    this.#known.delete(build);
  }

  noteSuccess(derivation: DerivationPath): void {
    this.#reader.noteSuccess(derivation);
  }

  noteAdded(lowest: number): void {
    this.#ids.noteAdded(lowest);
  }

  /** Reads what the changes are about. One call at a time. */
  async follow(changes: ReadonlySet<QueueChange>): Promise<void> {
    if (changes.has('shares-changed')) await this.#readShares([...this.#jobsets]);
    if (changes.has('builds-changed')) await this.#compare();
    if (changes.has('builds-added')) await this.#takeAdded();
  }

  /** Takes one build, whatever else is queued; nothing if it is known, finished or not there. */
  async takeOne(build: BuildId): Promise<void> {
    if (this.#known.has(build)) return;
    await this.#takeUnknown({ ids: [build] });
  }

  /** When all that is queued is in the farm, what was remembered for other steps is of no use. */
  async #takeAdded(): Promise<void> {
    const { sources, decisions, retryPlans, unfolding } = this.#options;
    await this.#ids.look((afterId) => this.#takeUnknown({ afterId }));
    sources.derivations.dropKept();
    await decisions.submit({ type: 'queue-read' });
    await retryPlans.dropUnneeded();
    await unfolding.dropUnneeded();
  }

  async #takeUnknown(
    which: { readonly afterId: number } | { readonly ids: BuildId[] },
  ): Promise<void> {
    const { database } = this.#options;
    const builds = await readUnfinishedBuilds(database, which, (build, derivation) =>
      this.#leaveAlone(build, derivation),
    );
    await this.#take(builds.filter(({ id }) => !this.#known.has(id)));
  }

  #leaveAlone(build: BuildId, derivation: string): void {
    if (this.#unreadable.has(build)) return;
    this.#unreadable.add(build);
    const told = { build, derivation };
    this.#options.logger.error(told, 'the derivation of a build is no path of one');
  }

  /** Looks for builds that were cancelled, deleted, bumped or restarted. */
  async #compare(): Promise<void> {
    const { database } = this.#options;
    const rows = await readUnfinishedPriorities(database);
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
    await forgetFailures(database, { type: 'of-restarted', builds: restarted });
    await this.#takeUnknown({ ids: restarted });
  }

  #withdraw(build: BuildId): void {
    this.#known.delete(build);
    this.#submit({ type: 'build-withdrawn', build });
  }

  #reprioritise(build: BuildId, globalPriority: number): void {
    const known = this.#known.get(build);
    if (known !== undefined) known.globalPriority = globalPriority;
    this.#submit({ type: 'build-reprioritised', build, globalPriority });
  }

  async #take(builds: readonly BuildFacts[]): Promise<void> {
    for (let start = 0; start < builds.length; start += buildsAtATime) {
      const some = builds.slice(start, start + buildsAtATime);
      for (const { id, derivation, globalPriority } of some) {
        this.#known.set(id, { derivation, globalPriority });
        this.#ids.noteSeen(id);
      }
      try {
        for (const { builds: alike, sources } of await this.#options.splitBySources(some))
          await this.#ingest(alike, sources);
      } catch (error) {
        for (const build of some) this.#putBack(build);
        throw error;
      }
    }
    await this.#recorded;
  }

  /** The next look at what was added finds it again. */
  #putBack({ id }: BuildFacts): void {
    this.#known.delete(id);
    this.#ids.forget(id);
  }

  async #ingest(builds: readonly BuildFacts[], sources: GraphSources): Promise<void> {
    await this.#readShares(
      [...new Set(builds.map(({ jobset }) => jobset))].filter((id) => !this.#jobsets.has(id)),
    );
    let reading = await this.#read(builds, sources);
    while (!this.#reader.isCurrent(reading)) reading = await this.#read(builds, sources);
    const { graph, succeeded } = reading;
    const isBuilt = ({ derivation }: BuildFacts): boolean =>
      graph.built.has(derivation) || succeeded.has(derivation);
    const current = builds.filter(({ id }) => this.#known.has(id));
    const queued = this.#options.decisions.submit({
      type: 'builds-queued',
      builds: current.filter((build) => !graph.unreadable.has(build.derivation) && !isBuilt(build)),
      steps: graph.steps.filter(({ derivation }) => !succeeded.has(derivation)),
    });
    this.#abandon(current, graph.unreadable);
    await this.#finishFound(current.filter(isBuilt));
    await this.#waitForFormer(queued);
    this.#options.logger.info({ builds: builds.length, steps: graph.steps.length }, 'queued');
  }

  async #read(builds: readonly BuildFacts[], sources: GraphSources): Promise<Reading> {
    const { noteSubstituted, noteFound } = this.#options;
    const roots = [...new Set(builds.map(({ derivation }) => derivation))];
    const reading = await this.#reader.read(roots, sources);
    await noteSubstituted(builds, reading.graph.substituted);
    await noteFound(builds, reading.graph.found);
    return reading;
  }

  /** The next builds are read while the last ones are recorded, but not more than these. */
  async #waitForFormer(recorded: Promise<void>): Promise<void> {
    const former = this.#recorded;
    this.#recorded = recorded;
    recorded.catch(() => {});
    await former;
  }

  #abandon(builds: readonly BuildFacts[], unreadable: ReadonlyMap<DerivationPath, string>): void {
    for (const build of builds) {
      const message = unreadable.get(build.derivation);
      if (message !== undefined) this.#submit({ type: 'build-unreadable', build, message });
    }
  }

  async #finishFound(builds: readonly BuildFacts[]): Promise<void> {
    const { results, logger } = this.#options;
    await finishFound(builds, {
      results,
      logger,
      finish: (build, result) => this.#submit({ type: 'build-found-built', build, result }),
      putBack: (build) => this.#putBack(build),
    });
  }

  async #readShares(jobsets: readonly JobsetId[]): Promise<void> {
    if (jobsets.length === 0) return;
    const { database, decisions } = this.#options;
    for (const { id, shares, usedSeconds } of await readJobsets(database, jobsets)) {
      this.#jobsets.add(id);
      await decisions.submit({ type: 'jobset-seen', jobset: id, shares, usedSeconds });
    }
  }

  /** Nobody waits for it: what is not recorded when the runner stops is read again by the next one. */
  #submit(event: FarmEvent): void {
    this.#options.decisions.submit(event).catch(() => {});
  }
}
