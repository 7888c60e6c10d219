import { join } from 'node:path';
import type { StoreDirectory, StorePath } from '@iolaus/nix';
import type { BuildMetric, BuildProduct } from '../farm/facts.ts';
import { descend, kindAt, kindOf, openRoot, readText } from './confined-files.ts';
import type { Folder, Kind, Text } from './confined-files.ts';
import { defaultProducts, evaluateProducts } from './evaluate-products.ts';
import type { ProductPlaces } from './evaluate-products.ts';
import { parseMetrics } from './metrics.ts';
import { parseProducts } from './products.ts';
import { parseReleaseName } from './release-name.ts';

/** What an output says of itself in its folder `nix-support`, as far as it keeps to the rules. */
export type NixSupport = {
  /** There is something called `failed`. */
  readonly failed: boolean;
  readonly releaseName: string | null;
  readonly products: readonly BuildProduct[];
  readonly metrics: readonly BuildMetric[];
};

/** What all outputs of a build say together. */
export type CombinedSupport = Omit<NixSupport, 'failed'> & { readonly failedMarker: boolean };

export type NixSupportOptions = {
  /** Where the store's files are, if not where their paths say: a store may have been moved below another root. */
  readonly physicalDirectory?: string;
  /** Hashing a disk image takes its time. */
  readonly signal?: AbortSignal;
};

// What Hydra reads at most of such a file in a binary cache.
const fileBytesMax = 16 * 1024 * 1024;

/**
 * Reads `nix-support` of all outputs of a build, by name of the output. What is there was written by the build, so
 * nothing of it is believed: no symlink is followed, nothing outside of the outputs is looked at, sizes and numbers are
 * limited, and whatever does not keep to the grammar is left out. Throws if an output is not there, or if the disk
 * fails.
 */
export async function readNixSupport(
  storeDirectory: StoreDirectory,
  outputs: ReadonlyMap<string, StorePath>,
  options: NixSupportOptions = {},
): Promise<ReadonlyMap<string, NixSupport>> {
  const directory = options.physicalDirectory ?? storeDirectory;
  const supports = new Map<string, NixSupport>();
  for (const [name, path] of outputs) {
    const kind = kindAt(join(directory, path));
    if (kind === null) throw new Error(`${storeDirectory}/${path} is not there`);
    const support = kind === 'folder' ? await readFolder(name, path) : silent(name, path, kind);
    supports.set(name, support);
  }
  return supports;

  async function readFolder(name: string, path: StorePath): Promise<NixSupport> {
    await using store = await openRoot(directory);
    return await readOutput(name, path, { store, storeDirectory, outputs, signal: options.signal });
  }
}

/** What an output that is no folder says. */
function silent(name: string, path: StorePath, kind: Kind): NixSupport {
  return {
    failed: false,
    releaseName: null,
    products: defaultProducts(name, path, kind),
    metrics: [],
  };
}

/**
 * Puts together what the outputs of a build say, in the order of their names, so that numbers of products do not depend
 * on chance. The last release name, and the last metric of a name, count.
 */
export function combineNixSupport(supports: ReadonlyMap<string, NixSupport>): CombinedSupport {
  const ordered = [...supports].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  const metrics = new Map(ordered.flatMap((one) => one.metrics).map((one) => [one.name, one]));
  return {
    failedMarker: ordered.some(({ failed }) => failed),
    releaseName: ordered.findLast(({ releaseName }) => releaseName !== null)?.releaseName ?? null,
    products: ordered.flatMap(({ products }) => products),
    metrics: [...metrics.values()],
  };
}

async function readOutput(
  name: string,
  path: StorePath,
  places: ProductPlaces,
): Promise<NixSupport> {
  await using folder = await descend(places.store, [path, 'nix-support']);
  const announced = await readProducts(folder, places);
  return {
    failed: folder !== null && kindOf(folder, 'failed') !== null,
    releaseName: parseReleaseName(textOr('', await read(folder, 'hydra-release-name'))),
    products: announced ?? defaultProducts(name, path, 'folder'),
    metrics: parseMetrics(textOr('', await read(folder, 'hydra-metrics'))),
  };
}

/** Null if the output announces none; a file without a single good line announces that there are none. */
async function readProducts(
  folder: Folder | null,
  places: ProductPlaces,
): Promise<BuildProduct[] | null> {
  const file = await read(folder, 'hydra-build-products');
  return file.type === 'absent' ? null : evaluateProducts(parseProducts(textOr('', file)), places);
}

async function read(folder: Folder | null, name: string): Promise<Text> {
  return folder === null ? { type: 'absent' } : readText(folder, name, fileBytesMax);
}

function textOr(otherwise: string, file: Text): string {
  return file.type === 'text' ? file.text : otherwise;
}
