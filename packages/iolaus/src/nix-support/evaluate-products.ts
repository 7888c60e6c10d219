import { storePathName } from '@iolaus/nix';
import type { StoreDirectory, StorePath } from '@iolaus/nix';
import type { BuildProduct } from '../farm/facts.ts';
import { descend, kindOf } from './confined-files.ts';
import type { Folder, Kind } from './confined-files.ts';
import { hashFile } from './hash-file.ts';
import type { FileDigest } from './hash-file.ts';
import { locateProduct, staysInside } from './product-path.ts';
import type { ProductPath } from './product-path.ts';
import type { ProductLine } from './products.ts';

/** Where products may be looked for. */
export type ProductPlaces = {
  readonly store: Folder;
  readonly storeDirectory: StoreDirectory;
  readonly outputs: ReadonlyMap<string, StorePath>;
  readonly signal?: AbortSignal | undefined;
};

// More than any page could show.
const productsMax = 1_000;
const namePattern = /^[A-Za-z0-9.@:_+ -]*$/;

/** Looks at each product that was announced; those that are not there, or not to be looked at, are left out. */
export async function evaluateProducts(
  lines: readonly ProductLine[],
  places: ProductPlaces,
): Promise<BuildProduct[]> {
  const products: BuildProduct[] = [];
  // One file may be announced many times, but it is read once.
  const seen = new Map<string, Promise<Seen | null>>();
  for (const line of lines) {
    if (products.length === productsMax) break;
    const place = locateProduct(places.storeDirectory, places.outputs.values(), line.path);
    if (place === null) continue;
    const key = [place.storePath, ...place.components].join('/');
    const looking = seen.get(key) ?? lookAt(place, places);
    seen.set(key, looking);
    const found = await looking;
    if (found !== null) products.push(describe(line, place, found));
  }
  return products;
}

/** What an output offers that announces nothing: itself, unless it is a single file. */
export function defaultProducts(output: string, storePath: StorePath, kind: Kind): BuildProduct[] {
  if (kind === 'regular') return [];
  const product: BuildProduct = {
    type: 'nix-build',
    subtype: output === 'out' ? '' : output,
    storePath,
    subPath: '',
    defaultPath: '',
    name: storePathName(storePath),
    isRegularFile: false,
    fileSize: null,
    sha256: null,
  };
  return [product];
}

type Seen = { readonly kind: Kind; readonly digest: FileDigest | null };

async function lookAt(place: ProductPath, places: ProductPlaces): Promise<Seen | null> {
  const names = [place.storePath, ...place.components];
  const last = names.at(-1) ?? place.storePath;
  if (names.length === 1) return lookInto(places.store, last, places.signal);
  await using folder = await descend(places.store, names.slice(0, -1));
  return folder === null ? null : await lookInto(folder, last, places.signal);
}

async function lookInto(
  folder: Folder,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Seen | null> {
  const kind = kindOf(folder, name);
  if (kind === null || kind === 'other') return null;
  return { kind, digest: kind === 'regular' ? await hashFile(folder, name, signal) : null };
}

function describe(line: ProductLine, place: ProductPath, { kind, digest }: Seen): BuildProduct {
  const name = place.components.at(-1) ?? '';
  return {
    type: line.type,
    subtype: line.subtype,
    storePath: place.storePath,
    subPath: place.components.join('/'),
    defaultPath: staysInside(line.defaultPath) ? line.defaultPath : '',
    name: namePattern.test(name) ? name : '',
    isRegularFile: kind === 'regular',
    fileSize: digest?.size ?? null,
    sha256: digest?.sha256 ?? null,
  };
}
