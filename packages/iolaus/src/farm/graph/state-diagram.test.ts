import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { printStateDiagram } from './state-diagram.ts';
import { stepChanges } from './step-state.ts';

test('the state diagram shows every way from one state to another', () => {
  const diagram = printStateDiagram();
  const drawn = diagram.split('\n').filter((line) => line.includes('-->') && !line.includes('[*]'));
  const edges = Object.entries(stepChanges).flatMap(([change, { from, to }]) =>
    from.map((state) => `  ${state} --> ${to}: ${change}`),
  );
  assert.deepEqual(drawn, edges);
  assert.equal(new Set(edges).size, edges.length);
});

test('a step can get from waiting to every state, and from every state to its end', () => {
  const ways = Object.values(stepChanges);
  const next = (state: string) =>
    ways.filter(({ from }) => from.some((name) => name === state)).map(({ to }) => to);
  const reached = new Set<string>(['waiting']);
  for (const state of reached) for (const name of next(state)) reached.add(name);
  assert.deepEqual([...reached].sort(), [
    'backing-off',
    'finished',
    'leased',
    'resolved',
    'runnable',
    'unfolding',
    'waiting',
  ]);
  for (const state of reached) assert.equal(next(state).includes('finished'), state !== 'finished');
});

test('the page about the farm shows the diagram as it is', () => {
  const page = new URL('../../../../../docs/farm.md', import.meta.url);
  assert.ok(readFileSync(page, 'utf8').includes(printStateDiagram()));
});
