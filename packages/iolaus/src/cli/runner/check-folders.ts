import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../../fault/fault.ts';
import type { RunnerConfiguration } from '../../runner/settings/configuration.ts';
import { logDirectoryOf, stateDirectoryOf } from '../../runner/settings/directories.ts';

/** Throws `Fault('not-permitted')` where logs or the runner's own state could not be written. Makes nothing. */
export function checkFolders(configuration: RunnerConfiguration): void {
  for (const folder of [stateDirectoryOf(configuration), logDirectoryOf(configuration)]) {
    try {
      accessSync(nearestExisting(folder), constants.W_OK);
    } catch (cause) {
      throw new Fault('not-permitted', `the folder ${folder} cannot be written`, {
        remedy:
          "Let the runner's user write to it; a unit of systemd has to name it in ReadWritePaths.",
        cause,
      });
    }
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}
