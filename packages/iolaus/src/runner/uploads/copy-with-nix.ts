import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { StoreDirectory } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';

/** Leaves it to Nix's own program to copy paths, with all that they refer to, to a store that only it knows. */
export async function copyWithNix(
  uri: string,
  directory: StoreDirectory,
  outputs: readonly string[],
): Promise<void> {
  if (outputs.length === 0) return;
  const features = ['--extra-experimental-features', 'nix-command'];
  const paths = outputs.map((output) => `${directory}/${output}`);
  try {
    await promisify(execFile)('nix', [...features, 'copy', '--to', uri, ...paths]);
  } catch (cause) {
    // Nix does not tell what may pass; a host that is down does.
    throw new Fault('cache-unavailable', `nix copy --to ${uri} failed`, { cause });
  }
}
