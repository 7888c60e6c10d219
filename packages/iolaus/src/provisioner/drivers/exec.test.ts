import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { configured } from '../testing/world.ts';
import { anOrder } from '../testing/order.ts';
import { DriverError } from './driver.ts';
import type { Driver } from './driver.ts';
import { openExecDriver } from './exec.ts';

type Program = AsyncDisposable & { readonly driver: Driver; told(): Promise<unknown> };

/** A driver whose program is this shell script; what it is told last is in the file `$TOLD`. */
async function program(script: string, timeout = 10_000): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'exec-'));
  const [file, told] = [join(folder, 'machines'), join(folder, 'told')];
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  const environment = { TOLD: told };
  return {
    driver: openExecDriver(
      { type: 'exec', command: [file], timeout, environment },
      { owner: 'us' },
    ),
    told: async () => JSON.parse(await readFile(told, 'utf8')),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const machine = (owner: string, name: string): string =>
  `{"name":"${name}","handle":"7","owner":"${owner}","pool":"p","state":"running","createdAt":5}`;

async function fails(acting: Promise<unknown>, failure: string, words: RegExp): Promise<void> {
  await assert.rejects(acting, (error: unknown) => {
    assert.ok(error instanceof DriverError, String(error));
    assert.equal(error.failure, failure);
    assert.match(error.message, words);
    return true;
  });
}

test('a program lists machines; those of other owners are none of ours', async () => {
  const machines = [machine('us', 'one'), machine('them', 'two')].join(',');
  await using scene = await program(`test "$1" = list && echo '{"machines":[${machines}]}'`);
  const listed = await scene.driver.list();
  assert.deepEqual(
    listed.map(({ name, handle, state }) => [name, handle, state]),
    [['one', '7', 'running']],
  );
});

test('a program that is to create learns everything that the machine needs', async () => {
  await using scene = await program('test "$1" = create && cat > "$TOLD"');
  await scene.driver.create(anOrder());
  const told = await scene.told();
  assert.ok(typeof told === 'object' && told !== null);
  assert.deepEqual(Object.keys(told).toSorted(), [
    'generation',
    'join',
    'name',
    'offer',
    'owner',
    'pool',
    'settings',
    'userData',
  ]);
});

test('how a program ends says what is wrong, and its last words are told', async () => {
  const endings: readonly (readonly [number, string])[] = [
    ...([
      [1, 'transient'],
      [69, 'capacity'],
      [73, 'quota'],
      [77, 'credentials'],
    ] as const),
    [78, 'configuration'],
  ];
  for (const [status, failure] of endings) {
    await using scene = await program(`echo "no more of these" >&2; exit ${status}`);
    await fails(scene.driver.create(anOrder()), failure, /no more of these/);
  }
});

test('of a program that hangs nobody knows what it did; it is ended with its children', async () => {
  await using scene = await program('sleep 1000 & sleep 1000', 200);
  await fails(scene.driver.create(anOrder()), 'unknown', /did not end within 0 s/);
});

test('a program that lies is not believed', async () => {
  const lies: readonly (readonly [string, RegExp])[] = [
    ['done!', /prints no JSON/],
    ['{"machines":"none"}', /prints nonsense: .*array/],
    ['{"machines":[{"name":"one"}]}', /prints nonsense/],
    [`{"machines":[${machine('us', 'one').replace('running', 'fine')}]}`, /prints nonsense/],
  ];
  for (const [words, complaint] of lies) {
    await using scene = await program(`echo '${words}'`);
    await fails(scene.driver.list(), 'configuration', complaint);
  }
});

test('a program can tell prices, and no price is below nothing', async () => {
  const [pool] = configured().pools;
  assert.ok(pool !== undefined);
  await using scene = await program(`echo '{"prices":{"small":0.25}}'`);
  assert.deepEqual([...((await scene.driver.prices?.(pool)) ?? [])], [['small', 0.25]]);
  await using liar = await program(`echo '{"prices":{"small":-1}}'`);
  await fails(Promise.resolve(liar.driver.prices?.(pool)), 'configuration', /nonsense/);
});

test('a program that is not there is a mistake in the configuration', async () => {
  const settings = { command: ['/nowhere'], timeout: 1_000, environment: {} };
  const driver = openExecDriver({ type: 'exec', ...settings }, { owner: 'us' });
  await fails(driver.list(), 'configuration', /cannot be started/);
});
