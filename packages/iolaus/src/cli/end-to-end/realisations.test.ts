import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { generateSecretKey, printPublicKey, printSecretKey, publicKeyOf } from '@iolaus/nix';
import { readUploads } from '../../database/uploads.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { executions, markedJobs } from '../../testing/marked-jobs.ts';

const succeeded = 0;

type FarmWithCache = AsyncDisposable & {
  readonly farm: LiveFarm;
  readonly cache: string;
  /** As the runner is told of it, with the key that signs. */
  readonly address: string;
};

/** A farm, and a cache that its daemon believes. */
async function openFarmWithCache(): Promise<FarmWithCache> {
  const opened = new AsyncDisposableStack();
  const folder = opened.adopt(await mkdtemp(join(tmpdir(), 'cache-')), (path) =>
    rm(path, { recursive: true }),
  );
  const cache = join(folder, 'cache');
  const secret = generateSecretKey('cache-1');
  await writeFile(join(folder, 'key'), printSecretKey(secret), { mode: 0o600 });
  const farm = opened.use(
    await openLiveFarm({
      daemonSettings: {
        substituters: `file://${cache}`,
        'trusted-public-keys': printPublicKey(publicKeyOf(secret)),
      },
    }),
  );
  const store = farm.daemon.address.storeDirectory;
  return {
    farm,
    cache,
    address: `file://${cache}?store=${store}&compression=none&secret-key=${join(folder, 'key')}`,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

const down = (salt: string): string =>
  `{ down = make "down" "cat \${upstream "${salt}"} > $out" floating; }`;

async function queueDown(farm: LiveFarm, salt: string): Promise<number> {
  const queued = await farm.queueAll(markedJobs(farm, down(salt)));
  return queued['down']?.build ?? assert.fail();
}

/** Nothing is left of what was built but what is in the cache. */
async function forgetAll({ daemon, database }: LiveFarm): Promise<void> {
  await database.query('truncate iolaus.resolutions, iolaus.realisations');
  await promisify(execFile)('nix-store', ['--gc'], { env: daemon.environment });
}

const isCached = async ({ database }: LiveFarm, build: number): Promise<boolean> => {
  const [row] = await database.query<{ cached: number }>(
    'select iscachedbuild as cached from builds where id = $1',
    [build],
  );
  return row?.cached === 1;
};

async function fillCache({ farm, address }: FarmWithCache): Promise<void> {
  await using runner = await farm.startRunner({ remoteStoreAddr: [address] });
  await using _builder = await farm.startBuilder(runner.endpoint);
  assert.equal(await farm.statusOf(await queueDown(farm, '1')), succeeded);
  await until(async () => (await readUploads(farm.database, 'all')).length === 0);
}

const sources = [
  { name: "the farm's own cache", settings: (address: string) => ({ remoteStoreAddr: [address] }) },
  { name: "the daemon's substituters", settings: () => ({ useSubstitutes: true }) },
];

for (const { name, settings } of sources) {
  test(`what ${name} say was built is not built again, with another store and another database`, async () => {
    await using opened = await openFarmWithCache();
    const { farm, address } = opened;
    await fillCache(opened);
    await forgetAll(farm);
    await using runner = await farm.startRunner(settings(address));
    const again = await queueDown(farm, '1');
    assert.equal(await farm.statusOf(again), succeeded);
    assert.equal(await isCached(farm, again), true);
    await forgetAll(farm);
    await using _builder = await farm.startBuilder(runner.endpoint);
    const other = await queueDown(farm, '2');
    assert.equal(await farm.statusOf(other), succeeded);
    assert.equal(await isCached(farm, other), true);
    assert.deepEqual([await executions(farm, 'upstream'), await executions(farm, 'down')], [2, 1]);
  });
}

test('realisations are in the cache under the names of both layouts', async () => {
  await using opened = await openFarmWithCache();
  await fillCache(opened);
  const traces = await readdir(join(opened.cache, 'build-trace-v2'));
  assert.deepEqual(traces.map((name) => name.slice(33)).toSorted(), ['down.drv', 'upstream.drv']);
  const hashed = await readdir(join(opened.cache, 'realisations'));
  assert.equal(hashed.filter((name) => /^sha256:[0-9a-f]{64}!out\.doi$/.test(name)).length, 2);
});
