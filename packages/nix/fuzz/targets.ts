import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FuzzTarget } from './fuzz-target.ts';

/**
 * The targets of all files that match, by name.
 * @param only the name of one, or what stands in the names of those that are wanted
 */
export async function loadTargets(
  folder: string,
  pattern: string,
  only: string,
): Promise<FuzzTarget[]> {
  const files = globSync(pattern, { cwd: folder }).sort();
  const modules = await Promise.all(
    files.map(
      (file): Promise<{ readonly fuzzTargets: readonly FuzzTarget[] }> =>
        import(pathToFileURL(resolve(folder, file)).href),
    ),
  );
  const all = modules.flatMap(({ fuzzTargets }) => fuzzTargets);
  const named = all.filter(({ name }) => name === only);
  const wanted = named.length > 0 ? named : all.filter(({ name }) => name.includes(only));
  return wanted.sort((one, other) => (one.name < other.name ? -1 : 1));
}
