import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where something is tried: a file below the sources, and what the name of a test in it has to match. */
export type NamedTest = { readonly file: string; readonly name: RegExp };

export const at = (file: string, name: RegExp): NamedTest => ({ file, name });

const sources = join(import.meta.dirname, '..');

/** Each of them is there. Keys say what is tried. */
export async function assertNamedTests(tests: Readonly<Record<string, NamedTest>>): Promise<void> {
  for (const [what, { file, name }] of Object.entries(tests)) {
    const text = await readFile(join(sources, file), 'utf8');
    const names = [...text.matchAll(/^ *test\(\s*(['"`])(.*)\1,/gm)].map(([, , found]) => found);
    assert.ok(
      names.some((found) => found !== undefined && name.test(found)),
      `${what}: ${file} has no test ${name}`,
    );
  }
}
