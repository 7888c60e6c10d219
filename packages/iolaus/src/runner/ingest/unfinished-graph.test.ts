import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DerivationPath, StorePath } from '@iolaus/nix';
import { drv, nameOf, out, shapedDerivations } from './testing/shaped-derivations.ts';
import { readUnfinishedGraph } from './unfinished-graph.ts';
import type { GraphSources } from './unfinished-graph.ts';

test('the graph ends where outputs are there', async () => {
  const world = makeWorld({ top: ['middle'], middle: ['leaf'], leaf: [] }, { built: ['middle'] });
  const graph = await readUnfinishedGraph([drv('top')], world.sources);
  assert.deepEqual(describe(graph.steps), { top: [] });
  assert.equal(world.read.has('leaf'), false, 'nothing below what is there is looked at');
});

test('a root whose outputs are there is built and no step', async () => {
  const { sources } = makeWorld({ top: ['leaf'], leaf: [] }, { built: ['top'] });
  const graph = await readUnfinishedGraph([drv('top')], sources);
  assert.deepEqual([graph.steps, [...graph.built]], [[], [drv('top')]]);
});

test('the daemon is asked once a level, however wide it is', async () => {
  const leaves = Array.from({ length: 50 }, (_, index) => `leaf${index}`);
  const shape = Object.fromEntries(leaves.map((leaf) => [leaf, [] as string[]]));
  const world = makeWorld({ top: leaves, ...shape }, {});
  const graph = await readUnfinishedGraph([drv('top')], world.sources);
  assert.equal(graph.steps.length, 51);
  assert.equal(world.questions.length, 2);
});

test('a step that the farm has already is not read again, but stays an input', async () => {
  const world = makeWorld({ top: ['known'], known: ['leaf'], leaf: [] }, { steps: ['known'] });
  const graph = await readUnfinishedGraph([drv('top')], world.sources);
  assert.deepEqual(describe(graph.steps), { top: ['known'] });
  assert.equal(world.read.has('known'), false);
});

test('what cannot be read blocks everything above it, and only that', async () => {
  const { sources } = makeWorld(
    { bad: ['middle'], middle: ['gone', 'leaf'], good: ['leaf'], leaf: [] },
    {},
  );
  const graph = await readUnfinishedGraph([drv('bad'), drv('good')], sources);
  assert.deepEqual([...graph.unreadable.keys()], [drv('bad')]);
  assert.match(graph.unreadable.get(drv('bad')) ?? '', /gone\.drv cannot be read/);
  assert.deepEqual(describe(graph.steps), { good: ['leaf'], leaf: [] });
});

test('below a step that failed before nothing is built', async () => {
  const { sources } = makeWorld({ top: ['leaf'], leaf: [] }, { failed: ['top'] });
  const { steps } = await readUnfinishedGraph([drv('top')], sources);
  assert.deepEqual(
    steps.map(({ derivation, failedBefore }) => [derivation, failedBefore]),
    [[drv('top'), true]],
  );
});

test('what is fetched is no step, nothing below it is looked at, and the root that needs it is named', async () => {
  const { sources, read } = makeWorld(
    { top: ['middle'], other: ['middle', 'leaf'], middle: ['deep'], deep: [], leaf: [] },
    { failed: ['leaf'] },
  );
  const wanted: string[] = [];
  const graph = await readUnfinishedGraph([drv('other'), drv('top')], {
    ...sources,
    substitute: async (all) => {
      wanted.push(...all.map(({ derivation }) => nameOf(derivation)));
      const found = all.filter(({ derivation }) => nameOf(derivation) === 'middle');
      return found.map(({ derivation }) => {
        return { derivation, output: 'out', path: out('middle'), startedAt: 1, stoppedAt: 2 };
      });
    },
  });
  assert.deepEqual(wanted, ['other', 'top', 'middle'], 'what failed before is not asked for');
  assert.deepEqual(describe(graph.steps), { other: ['leaf'], leaf: [], top: [] });
  assert.equal(read.has('deep'), false);
  assert.deepEqual(
    graph.substituted.map(({ derivation, root }) => [derivation, root]),
    [[drv('middle'), drv('other')]],
  );
});

test('what is there is found, also of what is not there whole, and what is fetched is not', async () => {
  const { sources } = makeWorld(
    { top: ['leaf', 'other'], leaf: [], other: [] },
    { built: ['leaf'] },
  );
  const { derivations } = sources;
  const doc = (path: DerivationPath): StorePath => out(`${nameOf(path)}-doc`);
  const graph = await readUnfinishedGraph([drv('top')], {
    ...sources,
    derivations: {
      ...derivations,
      outputs: (path) => new Map([...derivations.outputs(path), ['doc', doc(path)]]),
    },
    substitute: async (wanted) =>
      wanted
        .flatMap(({ derivation, missing }) =>
          [...missing].map(([output, path]) => ({
            derivation,
            output,
            path,
            startedAt: 1,
            stoppedAt: 2,
          })),
        )
        .filter(({ derivation }) => derivation !== drv('top')),
  });
  assert.deepEqual(graph.found, [
    { derivation: drv('leaf'), output: 'out', path: out('leaf'), root: drv('top') },
  ]);
});

function describe(
  steps: readonly { readonly derivation: DerivationPath; readonly inputs: readonly string[] }[],
): Record<string, string[]> {
  return Object.fromEntries(
    steps
      .toSorted((a, b) => (a.derivation < b.derivation ? -1 : 1))
      .map(({ derivation, inputs }) => [nameOf(derivation), inputs.map(nameOf)]),
  );
}

/** A store in which each derivation has one output, and `shape` says what needs what. */
function makeWorld(
  shape: Readonly<Record<string, readonly string[]>>,
  state: {
    readonly built?: readonly string[];
    readonly failed?: readonly string[];
    readonly steps?: readonly string[];
  },
): { sources: GraphSources; read: Set<string>; questions: number[] } {
  const questions: number[] = [];
  const { derivations, read } = shapedDerivations(shape);
  const named = (names: readonly string[] = []): Set<StorePath> => new Set(names.map(out));
  const sources: GraphSources = {
    derivations,
    validPaths: async (paths) => {
      questions.push(paths.length);
      return new Set(paths.filter((path) => named(state.built).has(path)));
    },
    failedBefore: async (missing) =>
      new Set([...missing.keys()].filter((path) => state.failed?.includes(nameOf(path)) === true)),
    learnOutputs: async () => {},
    resolutions: async () => new Map(),
    retryPlan: () => undefined,
    isStep: (path) => state.steps?.includes(nameOf(path)) === true,
    isUnderWay: () => false,
    substitute: async () => [],
    claim: async () => new Set(),
  };
  return { sources, read, questions };
}
