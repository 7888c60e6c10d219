import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { derivationPath } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import { readMachines } from './read-machines.ts';
import { readTrace } from './read-trace.ts';
import { traceLines } from './record-trace.ts';
import { workloadOf } from './trace-workload.ts';

async function withFile<Result>(
  name: string,
  content: string | Buffer,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'iolaus-trace-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, content);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const lines = (...values: readonly object[]): string =>
  values.map((value) => JSON.stringify(value)).join('\n');
const lib = { id: 4, name: 'lib-1', system: 'linux', inputDrvs: [], seconds: 7 };
const app = { id: 9, name: 'app-1', system: 'linux', inputDrvs: [4], isTopLevel: true };

test('a trace is read packed and unpacked, and its jobs are asked for at once', async () => {
  const text = lines(lib, app);
  for (const [name, content] of [
    ['t.jsonl', text],
    ['t.jsonl.gz', gzipSync(text)],
  ] as const) {
    const { workload, madeUp } = workloadOf(await withFile(name, content, readTrace), 1);
    assert.deepEqual(workload.steps[1]?.inputs, [0]);
    assert.equal(workload.steps[0]?.seconds, 7);
    assert.equal(madeUp, 1);
    assert.deepEqual(workload.evaluations, [{ at: 0, jobset: 1, builds: [1] }]);
  }
});

test('a line that makes no sense is named', async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [lines(lib, { ...app, seconds: -1 }), /line 2: seconds/],
    [lines(lib, { ...app, seconds: 1e12 }), /line 2: seconds/],
    [lines(app, lib), /line 1: it names 4/],
    [lines(lib, lib), /line 2: 4 came before/],
    [lines(lib, { ...app, system: '' }), /line 2: system/],
    [lines(lib, { evaluation: 1, at: 0, builds: [5] }), /line 2: it names 5/],
    ['{', /line 1/],
  ];
  for (const [text, message] of cases) {
    await assert.rejects(withFile('t.jsonl', text, readTrace), (error) => {
      assert.ok(error instanceof Fault);
      assert.match(error.message, message);
      return true;
    });
  }
  const isToldWhatToDo = { name: 'Fault', code: 'no-such-file', remedy: /Name a recorded graph/ };
  await assert.rejects(readTrace('/no/such/trace'), isToldWhatToDo);
});

test("machines are a list in JSON, or Nix's own file", async () => {
  const json = '[{"name":"big","count":2,"systems":["linux"],"slots":4}]';
  const [big] = await withFile('m.json', json, readMachines);
  assert.deepEqual([big?.count, big?.cores, big?.speedFactor], [2, 4, 1]);
  const nix = '# ours\nssh://ant x86_64-linux,i686-linux /key 8 1.5 kvm,big kvm - -\n';
  const [ant] = await withFile('machines', nix, readMachines);
  assert.deepEqual(ant?.systems, ['x86_64-linux', 'i686-linux']);
  assert.deepEqual([ant?.slots, ant?.speedFactor, ant?.mandatoryFeatures], [8, 1.5, ['kvm']]);
  for (const wrong of ['[]', '[{}]', '[', 'ssh://ant - - 0']) {
    await assert.rejects(withFile('m', wrong, readMachines), Fault);
  }
});

test('what a farm has built becomes a trace that can be read', async () => {
  const path = (name: string) => derivationPath(`${'0'.repeat(32)}-${name}.drv`);
  const store = (name: string) => `/nix/store/${path(name)}`;
  const work = {
    steps: [
      { derivation: store('app'), system: 'linux', seconds: 30 },
      { derivation: store('lib'), system: 'linux', seconds: 5 },
    ],
    builds: [
      { evaluation: 3, at: 1000, jobset: 2, derivation: store('lib') },
      { evaluation: 5, at: 1060, jobset: 2, derivation: store('app') },
      { evaluation: 5, at: 1060, jobset: 2, derivation: store('there-already') },
    ],
  };
  const inputs = [path('lib'), path('there-already')];
  const written = [
    ...traceLines(work, (read) =>
      read === path('app') ? { system: 'linux', inputs, requiredFeatures: ['kvm'] } : null,
    ),
  ];
  const trace = await withFile('t.jsonl', lines(...written), readTrace);
  assert.deepEqual(
    trace.nodes.map(({ name, seconds, inputs: places }) => [name, seconds, places]),
    [
      ['lib', 5, []],
      ['app', 30, [0]],
    ],
  );
  assert.deepEqual(trace.evaluations, [
    { at: 0, jobset: 2, builds: [0] },
    { at: 60, jobset: 2, builds: [1] },
  ]);
});
