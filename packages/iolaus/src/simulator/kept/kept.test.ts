import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { play } from '../history.ts';
import type { Plan } from '../plan.ts';

const folder = import.meta.dirname;

for (const file of globSync('*.json', { cwd: folder }).toSorted()) {
  const name = file.replace('.json', '').replaceAll('-', ' ');
  test(`what went wrong once goes well now: ${name}`, async () => {
    // Written by `iolaus simulate --keep`.
    const plan: Plan = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    const { breaches, lines } = await play(plan);
    assert.deepEqual(breaches, [], lines.join('\n'));
  });
}
