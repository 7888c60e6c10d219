import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../../fixtures/', import.meta.url);

/** The bytes of a file below `fixtures/`. */
export function readFixture(path: string): Buffer {
  return readFileSync(fileURLToPath(new URL(path, folder)));
}

/** What a JSON file below `fixtures/` says; its reader knows the type. */
export function readJsonFixture<T>(path: string): T {
  return JSON.parse(readFixture(path).toString('utf8'));
}
