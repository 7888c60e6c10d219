import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { handClock } from '../../clock/testing/hand-clock.ts';
import { createLogger } from '../../logging/logger.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { openGcRoots } from './gc-roots.ts';
import { pruneGcRoots, pruneGcRootsDaily } from './prune-gc-roots.ts';

const named = (name: string): string => `${'0'.repeat(32)}-${name}`;

test('roots of outputs that nobody wants go; young ones stay, and what is none of ours', async () => {
  await using folder = await openFolder();
  for (const name of ['wanted', 'unwanted', 'evaluated.drv'])
    await symlink('/nowhere', join(folder.path, named(name)));
  await symlink('/nowhere', join(folder.path, 'result'));
  await writeFile(join(folder.path, named('file')), '');
  const kept = new Set([named('wanted')]);
  const others = [named('evaluated.drv'), named('file'), 'result', named('wanted')].sort();
  assert.equal(await pruneGcRoots(folder.path, kept, Date.now() - 3_600_000), 0);
  assert.equal(await pruneGcRoots(folder.path, kept, Date.now() + 3_600_000), 1);
  assert.deepEqual((await readdir(folder.path)).sort(), others);
});

test('a day later what no rule keeps can be collected, and what one keeps cannot', async () => {
  await using farm = await openLiveFarm();
  const directory = join(farm.folder, 'roots');
  const stateDirectory = join(farm.daemon.directory, 'var/nix');
  const logger = createLogger({
    program: 'test',
    level: 'error',
    destination: { isTerminal: false, write: () => {} },
  });
  await using roots = openGcRoots({
    daemon: farm.daemon.address,
    directory: () => directory,
    stateDirectory,
    logger,
  });
  const outputs = await buildVersions(farm, ['one', 'two']);
  await roots.keep(outputs);
  await farm.database.query('update jobsets set keepnr = 1');
  const clock = handClock(Date.now());
  using _pruning = pruneGcRootsDaily({
    directory: () => directory,
    database: farm.database,
    clock,
    logger,
  });
  const collect = async (): Promise<string[]> => {
    await promisify(execFile)('nix-store', ['--gc'], { env: farm.daemon.environment });
    const there = await readdir(farm.daemon.address.storeDirectory);
    return outputs.filter((output) => there.includes(output));
  };
  assert.deepEqual(await collect(), outputs);
  clock.pass(2 * 86_400_000);
  await until(async () => (await readdir(directory)).length === 1);
  assert.deepEqual(await collect(), outputs.slice(1));
});

/** Builds them with a runner and a builder, which hold nothing any more in the end. */
async function buildVersions(farm: LiveFarm, versions: readonly string[]): Promise<StorePath[]> {
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const outputs: StorePath[] = [];
  for (const version of versions) {
    const { build } = await farm.queue('package', `echo ${version} > $out`);
    assert.equal(await farm.statusOf(build), 0);
    const [row] = await farm.database.query<{ path: string }>(
      'select path from buildoutputs where build = $1',
      [build],
    );
    outputs.push(parseBaseName(basename(row?.path ?? '')));
  }
  return outputs;
}

async function openFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'roots-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
