import { isDerivationPath } from '@iolaus/nix';
import type { DerivationPath, StoreDirectory, StorePath } from '@iolaus/nix';
import { narinfoKey } from '../../../cache/narinfos/narinfo-object.ts';
import type { Database } from '../../../database/connection/connection.ts';
import { listWorkInHand } from '../../../database/reads/list-work-in-hand.ts';
import type { WorkInHand } from '../../../database/reads/list-work-in-hand.ts';
import { readRealisations } from '../../../database/steps/realisations.ts';
import { readSpared } from '../../../database/sweeps.ts';
import { Fault } from '../../../fault/fault.ts';
import { GraphWalk } from './graph-walk.ts';

/**
 * What a farm may use of its caches for the work that it has in hand: all outputs and sources in the graphs of unfinished
 * builds, for what is there is not built again; the same of what is to be published, which may refer to them; and what a
 * runner wants spared.
 */
export class WorkNeeds {
  readonly #database: Database;
  readonly #graph: GraphWalk;
  readonly #sinceSeconds: number;
  readonly #told = new Set<string>();

  constructor(
    database: Database,
    options: {
      readonly directory: StoreDirectory;
      /** Since the epoch: what was in hand at any time since then counts. */
      readonly sinceSeconds: number;
      readonly onProgress: (doing: string) => void;
    },
  ) {
    const { directory, sinceSeconds, onProgress } = options;
    this.#database = database;
    this.#graph = new GraphWalk(directory, (count) => onProgress(`${count} derivations read`));
    this.#sinceSeconds = sinceSeconds;
  }

  /** Keys of objects, but for those that were told before. @throws Fault if a graph cannot be read */
  async read(): Promise<string[]> {
    const work = await listWorkInHand(this.#database, this.#sinceSeconds);
    this.#assertReadable(work);
    const paths = work.map(({ path }) => path);
    const found = [
      ...work.flatMap(({ path, type }) => (type === 'output' ? [path] : [])),
      ...(await this.#graph.walk(paths.filter((path) => isDerivationPath(path)))),
      ...(await this.#walkRealised()),
    ];
    const keys = [...found.map(narinfoKey), ...(await readSpared(this.#database))];
    const fresh = new Set(keys).difference(this.#told);
    for (const key of fresh) this.#told.add(key);
    return [...fresh];
  }

  /** What came of derivations whose outputs only a build can tell, which may have been told since they were read. */
  async #walkRealised(): Promise<StorePath[]> {
    const found: StorePath[] = [];
    let asked = 0;
    while (asked < this.#graph.unnamed.size) {
      asked = this.#graph.unnamed.size;
      for (const known of await readRealisations(this.#database, [...this.#graph.unnamed])) {
        const paths = [
          ...known.outputs.values(),
          ...(known.resolved === null ? [] : [known.resolved]),
        ];
        // An output may be a derivation itself.
        found.push(
          ...paths,
          ...(await this.#graph.walk(paths.filter((path) => isDerivationPath(path)))),
        );
      }
    }
    return found;
  }

  /** What has ended may be gone from the store; what is to be built, or published, is there. */
  #assertReadable(work: readonly WorkInHand[]): void {
    const isAbsent = (path: StorePath): path is DerivationPath =>
      isDerivationPath(path) && !this.#graph.has(path);
    const absent = work.find(({ path, type }) => type === 'unfinished' && isAbsent(path));
    if (absent === undefined) return;
    throw new Fault('bad-usage', `the store has no ${absent.path}, for which there is work to do`, {
      remedy:
        'Run it on the machine of the queue runner: what its work needs of the cache is read from its store.',
    });
  }
}
