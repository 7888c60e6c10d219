import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

type FarmWithCache = AsyncDisposable & {
  readonly farm: LiveFarm;
  /** One of Nix's programs; resolves with what it prints. */
  readonly nix: (program: string, ...parameters: readonly string[]) => Promise<string>;
  readonly pathOf: (derivation: string) => string;
  /** Builds the first output of a derivation and leaves it in the cache alone. */
  readonly moveToCache: (derivation: string) => Promise<void>;
};

/** A farm whose daemon has a binary cache for a substituter, in a folder. */
async function openFarmWithCache(): Promise<FarmWithCache> {
  await using opening = new AsyncDisposableStack();
  const cache = opening.adopt(await mkdtemp(join(tmpdir(), 'cache-')), (path) =>
    rm(path, { recursive: true }),
  );
  const url = `file://${cache}`;
  const daemonSettings = { substituters: url, 'require-sigs': 'false' };
  const farm = opening.use(await openLiveFarm({ daemonSettings }));
  await writeFile(
    join(cache, 'nix-cache-info'),
    `StoreDir: ${farm.daemon.address.storeDirectory}\nWantMassQuery: 1\n`,
  );
  const nix = async (program: string, ...parameters: readonly string[]): Promise<string> =>
    (await promisify(execFile)(program, parameters, { env: farm.daemon.environment })).stdout;
  const pathOf = (derivation: string): string =>
    join(farm.daemon.address.storeDirectory, derivation);
  const open = opening.move();
  return {
    farm,
    nix,
    pathOf,
    moveToCache: async (derivation) => {
      const output = (await nix('nix-store', '--realise', pathOf(derivation))).trim();
      await nix('nix', 'copy', '--to', url, output);
      await nix('nix-store', '--delete', output);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

const stepTypes = async (farm: LiveFarm, build: number): Promise<string[]> => {
  const rows = await farm.database.query<{ type: number; status: number; path: string }>(
    `select s.type, s.status, o.path from buildsteps s join buildstepoutputs o using (build, stepnr)
     where s.build = $1 order by s.stepnr`,
    [build],
  );
  return rows.map(
    ({ type, status, path }) => `${type} ${status} ${path.replace(/^.*\/.{33}/, '')}`,
  );
};

test('what a substituter has is fetched instead of built, and only the end of the build is told', async () => {
  await using opened = await openFarmWithCache();
  const { farm, moveToCache } = opened;
  const queued = await farm.queue('fetched', 'echo 1 > $out');
  await moveToCache(queued.derivation);
  const told: string[] = [];
  const listener = await farm.database.listen(
    ['build_started', 'step_started', 'step_finished', 'build_finished'],
    (channel, payload) => void told.push(`${channel} ${payload}`),
    () => {},
  );
  await using _runner = await farm.startRunner({ useSubstitutes: true });
  assert.equal(await farm.statusOf(queued.build), 0);
  assert.deepEqual(await stepTypes(farm, queued.build), ['1 0 fetched']);
  await until(() => told.length > 0);
  assert.deepEqual(told, [`build_finished ${queued.build}`]);
  const pending = 'select notificationpendingsince is not null as is from builds where id = $1';
  assert.deepEqual(await farm.database.query(pending, [queued.build]), [{ is: true }]);
  await listener.close();
});

test('an input is fetched for a build that nobody has built before', async () => {
  await using opened = await openFarmWithCache();
  const { farm, moveToCache, nix, pathOf } = opened;
  const input = '(run "input" "echo 1 > $out" {})';
  const queued = await farm.queue('top', 'cat $input > $out', `{ input = ${input}; }`);
  const references = await nix('nix-store', '-q', '--references', pathOf(queued.derivation));
  await moveToCache(basename(references.trim()));
  await using runner = await farm.startRunner({ useSubstitutes: true });
  await using _builder = await farm.startBuilder(runner.endpoint);
  assert.equal(await farm.statusOf(queued.build), 0);
  assert.deepEqual(await stepTypes(farm, queued.build), ['1 0 input', '0 0 top']);
});

test('what the builder fetches instead of building it is a cached build', async () => {
  await using opened = await openFarmWithCache();
  const { farm, moveToCache } = opened;
  const queued = await farm.queue('fetched', 'echo 1 > $out');
  await moveToCache(queued.derivation);
  await using runner = await farm.startRunner();
  const settings = { useSubstitutes: true };
  await using _builder = await farm.startBuilder(runner.endpoint, { settings });
  assert.equal(await farm.statusOf(queued.build), 0);
  assert.deepEqual(await stepTypes(farm, queued.build), ['0 0 fetched']);
  const cached = 'select iscachedbuild as is from builds where id = $1';
  assert.deepEqual(await farm.database.query(cached, [queued.build]), [{ is: 1 }]);
});
