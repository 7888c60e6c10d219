import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '../fault/fault.ts';

/**
 * The absolute path of a Nix file; as Nix has it, a folder stands for its `default.nix`.
 * @throws Fault `no-such-file`
 */
export function findFile(named: string): string {
  const path = resolve(named);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return findFile(join(path, 'default.nix'));
  if (found !== undefined) return path;
  throw new Fault('no-such-file', `there is no file ${named}`, {
    remedy: 'Name a Nix file, such as release.nix.',
  });
}
