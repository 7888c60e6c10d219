import type { Hash, PathInfo, StorePath } from '@iolaus/nix';
import { LRUCache } from 'lru-cache';
import type { BuiltOutput } from '../../farm/facts.ts';

/** A path as the store has it, whatever anybody says of it. */
export type Measured = BuiltOutput & { readonly narHash: Hash };

/** Those of the paths that are there. Each is asked for anew; what it refers to may be remembered. */
export type Measure = (paths: readonly StorePath[]) => Promise<ReadonlyMap<StorePath, Measured>>;

type Facts = Pick<PathInfo, 'narHash' | 'narSize' | 'references'>;
type Extent = Omit<Facts, 'narHash'>;

/** Tells of those of the paths that are there, all in one question. */
export type ReadFacts = (paths: readonly StorePath[]) => Promise<ReadonlyMap<StorePath, Facts>>;

// Half a kilobyte each: with these, few builds ask for more than their own outputs.
const extentsRemembered = 50_000;

/** A valid path never changes, so that what was read of it for one closure serves for others. */
export function openMeasure(read: ReadFacts): Measure {
  const remembered = new LRUCache<StorePath, Extent>({ max: extentsRemembered });
  const note = (facts: ReadonlyMap<StorePath, Facts>): void => {
    for (const [path, { narSize, references }] of facts)
      remembered.set(path, { narSize, references });
  };
  return async (paths) => {
    const own = await read(paths);
    note(own);
    const extents = new Map<StorePath, Extent>(own);
    let unknown = findUnknown(extents, remembered);
    while (unknown.length > 0) {
      const found = await read(unknown);
      note(found);
      for (const path of unknown) extents.set(path, found.get(path) ?? nothing);
      unknown = findUnknown(extents, remembered);
    }
    return new Map(
      own.entries().map(([path, { narHash }]) => [path, { ...sizesOf(path, extents), narHash }]),
    );
  };
}

/** For a path that was collected as garbage meanwhile, or that the cache lacks: its size is not known. */
const nothing: Extent = { narSize: 0, references: [] };

/** Takes what is remembered of references into `extents`, and returns those of which nothing is known. */
function findUnknown(
  extents: Map<StorePath, Extent>,
  remembered: LRUCache<StorePath, Extent>,
): StorePath[] {
  const unknown = new Set<StorePath>();
  // A map goes on to what is added while it is walked.
  for (const { references } of extents.values()) {
    for (const reference of references) {
      if (extents.has(reference)) continue;
      const extent = remembered.get(reference);
      if (extent === undefined) unknown.add(reference);
      else extents.set(reference, extent);
    }
  }
  return [...unknown];
}

/** Sizes of an output, by what is known of all that it refers to. Throws where it is not there itself. */
export function sizesOf(path: StorePath, extents: ReadonlyMap<StorePath, Extent>): BuiltOutput {
  const own = extents.get(path);
  if (own === undefined) throw new Error(`${path} is not in the store`);
  const closure = new Set([path]);
  let closureSize = 0;
  for (const member of closure) {
    const extent = extents.get(member);
    closureSize += extent?.narSize ?? 0;
    for (const reference of extent?.references ?? []) closure.add(reference);
  }
  return { path, narSize: own.narSize, closureSize };
}
