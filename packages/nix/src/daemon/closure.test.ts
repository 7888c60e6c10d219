import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { computeHash } from '../hash/hash.ts';
import type { PathInfo } from '../path-info/path-info.ts';
import { parseBaseName } from '../store-path/store-path.ts';
import type { StorePath } from '../store-path/store-path.ts';
import { queryClosure } from './closure.ts';
import type { WalkPathInfos } from './closure.ts';

test('a closure is complete, without repetition, and has references before their users', async () => {
  const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(graphs, fc.array(fc.nat(), { maxLength: 4 }), async (edges, picks) => {
      const store = storeOf(edges);
      const roots = picks.map((pick) => pathOf(pick % edges.length));
      const closure = await queryClosure(connectionTo(store).connection, roots);
      const position = new Map(closure.map(({ path }, index) => [path, index]));
      assert.equal(position.size, closure.length);
      for (const root of roots) assert.ok(position.has(root));
      for (const [index, { path, references }] of closure.entries())
        for (const reference of references)
          if (reference !== path) assert.ok((position.get(reference) ?? Infinity) < index);
    }),
  );
});

test('nothing but the closure is in it, and roots that are not valid are left out', async () => {
  const store = storeOf([[], [0], []]);
  const { connection } = connectionTo(store);
  const closure = await queryClosure(connection, [pathOf(1), pathOf(99)]);
  assert.deepEqual(
    closure.map(({ path }) => path),
    [pathOf(0), pathOf(1)],
  );
});

test('no path is asked for twice, and none that is known', async () => {
  const store = storeOf([[], [0, 0], [1, 0], [2, 1]]);
  const { connection, questions } = connectionTo(store);
  const known = new Map<StorePath, PathInfo>();
  await queryClosure(connection, [pathOf(3)], { known });
  assert.deepEqual(questions.toSorted(), [pathOf(0), pathOf(1), pathOf(2), pathOf(3)]);
  const again = await queryClosure(connection, [pathOf(3)], { known });
  assert.equal(again.length, 4);
  assert.equal(questions.length, 4);
});

test('what is known is not asked for, but what is behind it is', async () => {
  const store = storeOf([[], [0], [1]]);
  const { connection, questions } = connectionTo(store);
  const info = store.get(pathOf(1)) ?? assert.fail();
  const closure = await queryClosure(connection, [pathOf(2)], {
    known: new Map([[info.path, info]]),
  });
  assert.equal(closure.length, 3);
  assert.deepEqual(questions, [pathOf(2), pathOf(0)]);
});

test('a chain longer than the stack is deep is no trouble', async () => {
  const edges = Array.from({ length: 20_000 }, (_, index) => [Math.max(index - 1, 0)]);
  const store = storeOf(edges);
  const closure = await queryClosure(connectionTo(store).connection, [pathOf(edges.length - 1)]);
  assert.equal(closure.length, edges.length);
});

test('a daemon that tells of references in a circle is no trouble either', async () => {
  const circle = [0, 1, 2].map((index) => infoOf(pathOf(index), [pathOf((index + 1) % 3)]));
  const { connection, questions } = connectionTo(new Map(circle.map((info) => [info.path, info])));
  const closure = await queryClosure(connection, [pathOf(1)]);
  assert.deepEqual(closure.map(({ path }) => path).sort(), [pathOf(0), pathOf(1), pathOf(2)]);
  assert.equal(questions.length, 3);
});

/** Path `n` refers to those of `edges[n]`, modulo n + 1: no cycles but to itself. */
function storeOf(edges: readonly (readonly number[])[]): Map<StorePath, PathInfo> {
  return new Map(
    edges.map((targets, index) => {
      const references = targets.map((target) => pathOf(target % (index + 1)));
      return [pathOf(index), infoOf(pathOf(index), references)];
    }),
  );
}

function connectionTo(store: ReadonlyMap<StorePath, PathInfo>) {
  const questions: StorePath[] = [];
  const walkPathInfos: WalkPathInfos = async (paths, onInfo) => {
    const asked = [...paths];
    for (const path of asked) {
      questions.push(path);
      asked.push(...onInfo(store.get(path) ?? null, path));
    }
  };
  return { connection: { walkPathInfos }, questions };
}

function pathOf(index: number): StorePath {
  return parseBaseName(`${String(index).padStart(32, '0')}-path`);
}

const narHash = computeHash('sha256', '');

function infoOf(path: StorePath, references: readonly StorePath[]): PathInfo {
  return {
    path,
    deriver: null,
    narHash,
    narSize: 0,
    references: [...new Set(references)],
    registrationTime: 0,
    ultimate: false,
    signatures: [],
    contentAddress: null,
  };
}
