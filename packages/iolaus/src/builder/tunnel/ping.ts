import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { MachineUuid } from '../../protocol/identity.ts';
import type { Ping } from '../../protocol/join.ts';
import type { NixSettings } from '../machine/nix-settings.ts';
import type { PathCounters } from './path-counters.ts';
import { readPressure } from '../machine/pressure.ts';
import type { StoreLocation } from '../machine/store-location.ts';

/** How the machine does just now. What cannot be measured does not keep work away. */
export async function measurePing(options: {
  readonly machine: MachineUuid;
  readonly buildDirectory: string;
  readonly storeDirectory: string;
  readonly counters: PathCounters;
}): Promise<Ping> {
  const [pressure, buildDirectoryFreePercent, storeFreePercent] = await Promise.all([
    readPressure(),
    freePercent(options.buildDirectory),
    freePercent(options.storeDirectory),
  ]);
  const [load1 = 0, load5 = 0, load15 = 0] = loadavg();
  return {
    machine: options.machine,
    load1,
    load5,
    load15,
    // What Node calls free is what Linux calls available.
    memoryUsedBytes: totalmem() - freemem(),
    pressure,
    buildDirectoryFreePercent,
    storeFreePercent,
    pathsSubstituting: options.counters.substituting,
    pathsUploading: options.counters.uploading,
    pathsDownloading: options.counters.downloading,
  };
}

/** Where Nix builds: where it was told to, else below its state (2.30 and later), else where all temporary files go. */
export function findBuildDirectory(
  nix: Pick<NixSettings, 'buildDirectory'>,
  { stateDirectory }: Pick<StoreLocation, 'stateDirectory'>,
): string {
  if (nix.buildDirectory !== null) return nix.buildDirectory;
  const builds = join(stateDirectory, 'builds');
  return existsSync(builds) ? builds : '/tmp';
}

/** For those who are not root, who may not have the last few percent. */
async function freePercent(folder: string): Promise<number> {
  try {
    const { bavail, blocks } = await statfs(folder);
    return blocks === 0 ? 100 : (bavail / blocks) * 100;
  } catch {
    return 100;
  }
}
