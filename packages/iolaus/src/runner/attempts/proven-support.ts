import type { StorePath } from '@iolaus/nix';
import type { BuildProduct } from '../../farm/facts.ts';
import type { NixSupport } from '../../nix-support/nix-support.ts';
import type { Refusals } from '../builders/refusals.ts';
import type { LocalPaths } from '../store/runner-store.ts';
import type { LiveAttempt } from './attempts.ts';

type Reporter = Pick<LiveAttempt, 'derivation' | 'hostname'>;
type Supports = ReadonlyMap<string, NixSupport>;

/**
 * What outputs say of themselves, by their names. People check downloads by a product's size and hash: so if there are files
 * among the products, the store is read and the builder not believed. It is believed about what only a cache has. Rejects
 * where the store cannot be read.
 */
export async function proveSupport(
  reporter: Reporter,
  reported: { readonly supports: Supports; readonly outputs: ReadonlyMap<string, StorePath> },
  { local, refusals }: { readonly local: LocalPaths; readonly refusals: Refusals },
): Promise<Supports> {
  const { supports, outputs } = reported;
  const files = productsOf(supports).filter(isFile);
  if (files.length === 0) return supports;
  const paths = [...outputs.values()];
  const stored = await local.validPaths(paths);
  if (paths.some((path) => !stored.has(path))) return supports;
  const proven = await local.readSupport(outputs);
  const real = new Map(productsOf(proven).map((product) => [placeOf(product), product]));
  for (const file of files) {
    if (isSame(file, real.get(placeOf(file)))) continue;
    const { derivation, hostname } = reporter;
    const message = `${hostname} reported ${placeOf(file)} of ${derivation} with another size or hash than it has`;
    refusals.note('false-product', message);
  }
  return proven;
}

const productsOf = (supports: Supports): BuildProduct[] =>
  [...supports.values()].flatMap(({ products }) => products);

const isFile = ({ isRegularFile, fileSize, sha256 }: BuildProduct): boolean =>
  isRegularFile || fileSize !== null || sha256 !== null;

const placeOf = ({ storePath, subPath }: BuildProduct): string => `${storePath}/${subPath}`;

/** A builder that tells no hash has said nothing false. */
const isSame = (said: BuildProduct, real: BuildProduct | undefined): boolean =>
  real !== undefined &&
  said.fileSize === real.fileSize &&
  (said.sha256 === null || said.sha256 === real.sha256);
