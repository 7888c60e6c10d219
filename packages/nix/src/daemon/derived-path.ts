import { isDerivationPath, printStorePath } from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';
import { DaemonError } from './daemon-error.ts';
import { since, speaks } from './protocol.ts';
import type { Protocol } from './protocol.ts';

/** Something to have: a path as it is, or outputs of a derivation. */
export type DerivedPath =
  | { readonly type: 'path'; readonly path: StorePath }
  | {
      readonly type: 'outputs';
      readonly derivation: DerivationPath;
      readonly outputs: 'all' | readonly string[];
    };

/**
 * As a daemon understands it.
 * @throws DaemonError (`protocol`) for what an old protocol cannot express
 */
export function printDerivedPath(
  directory: StoreDirectory,
  protocol: Protocol,
  target: DerivedPath,
): string {
  const old = !speaks(protocol, since.derivedPaths);
  if (target.type === 'path') {
    // Old daemons take it for all outputs of the derivation.
    if (old && isDerivationPath(target.path))
      throw new DaemonError('protocol', 'This daemon cannot be asked for a derivation itself');
    return printStorePath(directory, target.path);
  }
  const derivation = printStorePath(directory, target.derivation);
  if (target.outputs === 'all') return old ? derivation : `${derivation}!*`;
  return `${derivation}!${target.outputs.join(',')}`;
}
