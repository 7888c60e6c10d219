import type { StoreDirectory, StorePath } from '@iolaus/nix';
import type { BuildProduct } from '../farm/facts.ts';

/** A place in an output; no names in `components` means the output itself. */
export type ProductPath = {
  readonly storePath: StorePath;
  readonly components: readonly string[];
};

/**
 * Where a product lies, if that is in one of `outputs`: not above it, not beside it, not in another store object.
 * `.`, `..` and doubled slashes are taken out by the text alone; symlinks are nobody's business here.
 */
export function locateProduct(
  directory: StoreDirectory,
  outputs: Iterable<StorePath>,
  path: string,
): ProductPath | null {
  if (!path.startsWith(`${directory}/`)) return null;
  const [name, ...rest] = path.slice(directory.length + 1).split('/');
  const storePath = [...outputs].find((output) => output === name);
  const components = normalise(rest);
  return storePath === undefined || components === null ? null : { storePath, components };
}

/** A product that somebody else has looked at, as it may be shown; null for one that lies elsewhere than in `outputs`. */
export function confineProduct(
  directory: StoreDirectory,
  outputs: Iterable<StorePath>,
  product: BuildProduct,
): BuildProduct | null {
  const path = `${directory}/${product.storePath}/${product.subPath}`;
  const place = locateProduct(directory, outputs, path);
  if (place === null) return null;
  const defaultPath = staysInside(product.defaultPath) ? product.defaultPath : '';
  return { ...product, subPath: place.components.join('/'), defaultPath };
}

/** Whether a path, taken from a product's folder, stays in it. */
export function staysInside(path: string): boolean {
  return !path.startsWith('/') && normalise(path.split('/')) !== null;
}

/** Null if the way leads out of where it begins, even if it comes back. */
function normalise(components: readonly string[]): readonly string[] | null {
  const normal: string[] = [];
  for (const component of components) {
    // No file can have it in its name, and no text in a database either.
    if (component.includes('\0')) return null;
    if (component === '' || component === '.') continue;
    if (component !== '..') normal.push(component);
    else if (normal.pop() === undefined) return null;
  }
  return normal;
}
