import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where something is tried: a file below the sources, and what the name of a test in it has to match. */
export type NamedTest = { readonly file: string; readonly name: RegExp };

export const at = (file: string, name: RegExp): NamedTest => ({ file, name });

const sources = join(import.meta.dirname, '..');

/** Each of them is there. Keys say what is tried. */
export async function assertNamedTests(tests: Readonly<Record<string, NamedTest>>): Promise<void> {
  const missing: string[] = [];
  for (const [what, { file, name }] of Object.entries(tests)) {
    if (!(await readTestNames(file)).some((found) => name.test(found)))
      missing.push(`${what}: ${file} has no test ${name}`);
  }
  assert.deepEqual(missing, []);
}

/** None of a file that is not there. */
async function readTestNames(file: string): Promise<string[]> {
  const text = await readFile(join(sources, file), 'utf8').catch(() => '');
  return [...text.matchAll(/^ *test\(\s*(['"`])(.*)\1,/gm)].map(([, , name = '']) => name);
}
