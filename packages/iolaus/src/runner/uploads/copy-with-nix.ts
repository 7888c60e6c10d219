import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DaemonConnection, printStorePath } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import { fetchClosure } from '../resolution/fetch-closure.ts';
import { shareOut } from './publish-paths.ts';
import type { PathSources } from './publish-paths.ts';

/**
 * Leaves it to Nix's own program to copy paths, with all that they refer to, to a store that only it knows. What the
 * runner's store does not have is brought there first.
 */
export async function copyWithNix(
  uri: string,
  outputs: readonly StorePath[],
  { daemon, caches }: PathSources,
): Promise<void> {
  if (outputs.length === 0) return;
  // Whoever clears up the store leaves them alone for as long as this connection lives.
  await using connection = await DaemonConnection.connect(daemon);
  await connection.addTempRoots(outputs);
  const valid = await connection.queryValidPaths(outputs);
  const absent = outputs.filter((path) => !valid.has(path));
  // What nobody has Nix complains about.
  await shareOut(absent, caches(), async (cache, found) => {
    for (const path of found) await fetchClosure(cache, path, daemon);
  });
  const features = ['--extra-experimental-features', 'nix-command'];
  const paths = outputs.map((output) => printStorePath(daemon.storeDirectory, output));
  try {
    await promisify(execFile)('nix', [...features, 'copy', '--to', uri, ...paths]);
  } catch (cause) {
    // Nix does not tell what may pass; a host that is down does.
    throw new Fault('cache-unavailable', `nix copy --to ${uri} failed`, { cause });
  }
}
