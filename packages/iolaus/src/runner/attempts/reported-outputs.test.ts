import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeHash, derivationPath, parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import type { OutputFigures, ReportedOutput } from '../../protocol/attempt-report.ts';
import { Refusals } from '../builders/refusals.ts';
import type { Measure } from '../store/measure.ts';
import { inspectOutputs } from './reported-outputs.ts';
import type { Inspected } from './reported-outputs.ts';

const pathOf = (name: string): StorePath => parseBaseName(`${'0'.repeat(32)}-${name}`);
const [program, manual] = [pathOf('program'), pathOf('program-man')];
const archiveHash = computeHash('sha256', 'the archive');
const sizes = { narSize: 100, closureSize: 5_000 };

/** The store has both outputs, each of a hundred bytes. */
const bothThere: Measure = async (paths) =>
  new Map(paths.map((path) => [path, { path, ...sizes, narHash: archiveHash }]));

const said = (path: StorePath, words: Partial<OutputFigures> = {}): ReportedOutput => ({
  path,
  figures: { ...sizes, narHash: archiveHash, ...words },
  nixSupport: null,
});
const unsaid = (path: StorePath): ReportedOutput => ({ path, figures: null, nixSupport: null });

type Scene = { readonly measure?: Measure; readonly isNamed?: boolean };

async function inspect(
  reported: Record<string, ReportedOutput>,
  { measure = bothThere, isNamed = true }: Scene = {},
): Promise<{ found: Inspected; counts: object; lines: string[] }> {
  const lines: string[] = [];
  const nothing = (): void => {};
  const warn = (facts: object): void => void lines.push(JSON.stringify(facts));
  const refusals = new Refusals({ debug: nothing, info: nothing, error: nothing, warn });
  const own = new Map([
    ['out', isNamed ? program : null],
    ['man', isNamed ? manual : null],
  ]);
  const found = await inspectOutputs(
    { derivation: derivationPath(`${'1'.repeat(32)}-program.drv`), hostname: 'ares' },
    new Map(Object.entries(reported)),
    {
      derivations: { outputs: () => own, isNamed: () => isNamed },
      measure,
      refusals,
      maxOutputBytes: 1_000,
    },
  );
  return { found, counts: Object.fromEntries(refusals.counts), lines };
}

const there = (...paths: readonly [string, StorePath][]): Inspected => ({
  type: 'there',
  outputs: new Map(paths.map(([name, path]) => [name, { path, ...sizes }])),
});

test('outputs are as large as the store says; who says otherwise is counted, and named once', async () => {
  const lies = [
    said(program, { narSize: 1 }),
    said(program, { narHash: computeHash('sha256', 'another') }),
  ];
  for (const lie of lies) {
    const { found, counts, lines } = await inspect({ out: lie, man: said(manual) });
    assert.deepEqual(found, there(['out', program], ['man', manual]));
    assert.deepEqual(counts, { 'false-figures': 1 });
    assert.match(lines.join(), /ares reported 0+-program of 1+-program\.drv/);
  }
});

test('who says the same as the store, or no hash at all, or another size of the closure, is believed to mean well', async () => {
  const reported = { out: said(program, { closureSize: 7 }), man: said(manual, { narHash: null }) };
  const { found, counts } = await inspect(reported);
  assert.deepEqual(found, there(['out', program], ['man', manual]));
  assert.deepEqual(counts, {});
});

test('who shares the store leaves it to tell how large outputs are', async () => {
  const { found, counts } = await inspect({ out: unsaid(program), man: unsaid(manual) });
  assert.deepEqual(found, there(['out', program], ['man', manual]));
  assert.deepEqual(counts, {});
});

test('an output that is larger than it may be is so whatever is said of it', async () => {
  const measure: Measure = async (paths) =>
    new Map(paths.map((path) => [path, { path, ...sizes, narSize: 1_001, narHash: archiveHash }]));
  const { found } = await inspect({ out: said(program) }, { measure });
  assert.ok(found.type === 'not-there');
  assert.equal(found.failure, 'output-limit-exceeded');
});

test('what is none of the outputs is none of the result', async () => {
  const foreign = [
    { out: said(program), extra: said(manual) },
    { out: said(pathOf('somebody-elses')) },
  ];
  for (const [index, reported] of foreign.entries()) {
    const { found, counts } = await inspect(reported, { isNamed: index === 0 });
    assert.ok(found.type === 'not-there');
    assert.match(found.message, /^ares reported .*, which is no output/);
    assert.deepEqual(counts, { 'foreign-output': 1 });
  }
});

test('nothing is built that the store lacks, or that nobody could ask for', async () => {
  const away: Measure = () => Promise.reject(new Error('the daemon is away'));
  for (const [measure, message] of [
    [async () => new Map(), /the store lacks 0+-program$/],
    [away, /the daemon is away/],
  ] as const) {
    const { found } = await inspect({ out: said(program) }, { measure });
    assert.ok(found.type === 'not-there');
    assert.equal(found.failure, 'upload-failed');
    assert.match(found.message, message);
  }
});
