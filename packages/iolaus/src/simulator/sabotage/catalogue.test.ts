import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { findBreach } from '../play-seeds.ts';
import { knownFaults } from './catalogue.ts';

for (const { name, sabotage, withinSeeds } of knownFaults) {
  test(`the fault '${name}' is found within ${withinSeeds} seeds`, async () => {
    const found = await findBreach(withinSeeds, sabotage);
    assert.notEqual(found, undefined);
  });
}

test('the table in docs/simulator.md has every known fault, with the number of seeds', () => {
  const page = readFileSync(new URL('../../../../../docs/simulator.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| ([^|]+?) +\| ([^|]+?) +\| ([^|]+?) +\| ([^|]+?) +\|$/gm);
  const told = [...rows].map(([, ...cells]) => cells).slice(2);
  const known = knownFaults.map(({ name, story, seen, withinSeeds }) => [
    name,
    story,
    seen,
    String(withinSeeds),
  ]);
  assert.deepEqual(told, known);
});
