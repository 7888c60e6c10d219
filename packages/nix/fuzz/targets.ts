import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FuzzTarget } from './fuzz-target.ts';

/** The targets of all files that match, by name. */
export async function loadTargets(folder: string, pattern: string): Promise<FuzzTarget[]> {
  const files = globSync(pattern, { cwd: folder }).sort();
  const modules = await Promise.all(
    files.map(
      (file): Promise<{ readonly fuzzTargets: readonly FuzzTarget[] }> =>
        import(pathToFileURL(resolve(folder, file)).href),
    ),
  );
  return modules
    .flatMap(({ fuzzTargets }) => fuzzTargets)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
