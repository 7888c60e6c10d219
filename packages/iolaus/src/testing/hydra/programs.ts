import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How a program is called, and how its builder is told what it should be: Hydra's older ones have no file for that. */
export type Program = {
  readonly name: string;
  readonly command: readonly string[];
  readonly hasSettingsFile: boolean;
};

const own = (name: string): Program => ({
  name: `our ${name}`,
  command: [process.execPath, fileURLToPath(new URL(`../../../bin/${name}.js`, import.meta.url))],
  hasSettingsFile: true,
});

export const ownRunner = own('hydra-queue-runner');
export const ownBuilder = own('hydra-builder');

/**
 * Hydra's own programs, from the folder that `IOLAUS_HYDRA_PROGRAMS` names: `hydra-queue-runner`, `hydra-builder`, and older
 * builders, which have their dialect in their names (`hydra-builder-dffd1b61`).
 */
export function hydraPrograms(): {
  readonly runner: Program;
  readonly builder: Program;
  readonly olderBuilders: readonly Program[];
} {
  const folder = process.env['IOLAUS_HYDRA_PROGRAMS'];
  assert.ok(folder !== undefined, 'IOLAUS_HYDRA_PROGRAMS has to name a folder with them');
  const find = (name: string): Program => ({
    name: `Hydra's ${name}`,
    command: [join(folder, name)],
    hasSettingsFile: name !== 'hydra-builder-6ae91f1c',
  });
  const older = readdirSync(folder).filter((name) => name.startsWith('hydra-builder-'));
  return {
    runner: find('hydra-queue-runner'),
    builder: find('hydra-builder'),
    olderBuilders: older.toSorted().map(find),
  };
}
