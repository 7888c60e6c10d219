import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Agenda } from './agenda.ts';

type Tree = { readonly [name: string]: Tree };

const { tree: trees } = fc.letrec<{ tree: Tree; set: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4, withCrossShrink: true }, fc.constant({}), tie('set')),
  set: fc.dictionary(fc.string({ unit: fc.constantFrom('a', 'b') }), tie('tree'), { maxKeys: 4 }),
}));

test('what is in a set comes right after the set, in its order', () => {
  fc.assert(
    fc.property(trees, (tree) => {
      assert.deepEqual(visitAll(tree), depthFirst(tree, []));
    }),
  );
});

test('the head is what fits, from the first on, and never nothing', () => {
  const visits = ['aaaa', 'bbbb', 'cccc'].map((name) => ({ path: [name], asked: true }));
  const agenda = new Agenda(visits);
  assert.deepEqual(agenda.head(1_000), visits);
  assert.deepEqual(agenda.head(JSON.stringify(visits[0]).length * 2), visits.slice(0, 2));
  assert.deepEqual(agenda.head(1), visits.slice(0, 1));
});

test('a record of another path than the first is no record of this walk', () => {
  const agenda = new Agenda([{ path: ['a'], asked: true }]);
  assert.throws(() => agenda.replaceFirst(['b'], []), /at b, not at a/);
});

function visitAll(tree: Tree): string[][] {
  const agenda = new Agenda([{ path: [], asked: true }]);
  const seen: string[][] = [];
  for (let visit = agenda.first; visit !== undefined; visit = agenda.first) {
    seen.push([...visit.path]);
    let place: Tree | undefined = tree;
    for (const name of visit.path) place = place?.[name];
    agenda.replaceFirst(visit.path, Object.keys(place ?? {}));
  }
  return seen;
}

function depthFirst(tree: Tree, path: readonly string[]): string[][] {
  const below = Object.entries(tree).flatMap(([name, child]) => depthFirst(child, [...path, name]));
  return [[...path], ...below];
}
