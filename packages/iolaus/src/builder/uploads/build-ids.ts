import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join('lib', 'debug', '.build-id');

/** The build ids of debug information below a store object, by the names of files; the runner asks for them beforehand. */
export async function findBuildIds(path: string): Promise<string[]> {
  const ids: string[] = [];
  for (const start of await namesIn(join(path, folder))) {
    if (!/^[0-9a-f]{2}$/.test(start)) continue;
    for (const name of await namesIn(join(path, folder, start))) {
      const rest = /^([0-9a-f]+)\.debug$/.exec(name)?.[1];
      if (rest !== undefined) ids.push(`${start}${rest}`);
    }
  }
  return ids;
}

/** Nothing where there is no such folder: most paths have none. */
const namesIn = (path: string): Promise<string[]> => readdir(path).catch(() => []);
