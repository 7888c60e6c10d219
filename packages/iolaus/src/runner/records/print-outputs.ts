import { printStorePath } from '@iolaus/nix';
import type { StoreDirectory, StorePath } from '@iolaus/nix';
import type { BuildResult } from '../../farm/facts.ts';

/** Outputs by name, as rows name them; null where only a build can tell the path. */
export function printOutputs(
  store: StoreDirectory,
  outputs: ReadonlyMap<string, StorePath | null>,
): Map<string, string | null> {
  return new Map(
    [...outputs].map(([name, path]) => [name, path === null ? null : printStorePath(store, path)]),
  );
}

/** Those of a success: all of them are known. */
export function printBuiltOutputs(store: StoreDirectory, result: BuildResult): Map<string, string> {
  return new Map(
    [...result.outputs].map(([name, { path }]) => [name, printStorePath(store, path)]),
  );
}
