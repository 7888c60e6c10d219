import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DaemonConnection, parseBaseName, printHash } from '@iolaus/nix';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { seededRandom } from '../../simulator/random.ts';
import { instantiate } from '../../testing/instantiate.ts';
import { openLiveFarm } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { makeMixedGraph, mixedGraphExpression } from '../../testing/mixed-graph.ts';

/** How many graphs; `npm run compare-with-nix` says 200. Their first seed can be said, too. */
const graphs = Number(process.env['IOLAUS_MIXED_GRAPHS'] ?? 4);
const firstSeed = Number(process.env['IOLAUS_MIXED_SEED'] ?? 1);
/** Of a graph; and graphs that are queued together, as jobs of one evaluation. */
const size = 9;
const together = Math.min(graphs, 20);

/** Where each output is, and the hash of its contents. */
type Outputs = ReadonlyMap<string, string>;

for (const builders of [1, 4]) {
  test(`mixed graphs come out as with nix-build, byte for byte, with ${builders} builders`, async () => {
    await using farm = await openLiveFarm();
    await using runner = await farm.startRunner();
    await using parts = new AsyncDisposableStack();
    for (let index = 0; index < builders; index += 1) {
      parts.use(await farm.startBuilder(runner.endpoint, { hostname: `builder-${index}` }));
    }
    for (let seed = firstSeed; seed < firstSeed + graphs; seed += together) {
      const seeds = Array.from({ length: together }, (_, index) => seed + index);
      const parts = seeds.map((each) =>
        mixedGraphExpression(makeMixedGraph(seededRandom(each, 'mixed'), size), `g${each}n`),
      );
      const set = `rec { ${parts.join('\n')} }`;
      const expected = await buildWithNix(farm.daemon, set);
      await collectGarbage(farm.daemon);
      assert.deepEqual(await buildWithFarm(farm, set), expected, `seeds from ${seed}`);
      await collectGarbage(farm.daemon);
    }
  });
}

const run = promisify(execFile);

async function collectGarbage({ environment }: PrivateDaemon): Promise<void> {
  await run('nix-store', ['--gc'], { env: environment });
}

async function buildWithNix(daemon: PrivateDaemon, set: string): Promise<Outputs> {
  const jobs = await instantiate(daemon, set);
  const paths = new Map<string, string>();
  for (const { job, derivation } of jobs) {
    for (const path of await realise(daemon, derivation)) paths.set(`${job} ${nameOf(path)}`, path);
  }
  return readOutputs(daemon, paths);
}

/** Nix 2.8 now and then dies of a fault of its own (`map::at`), and then comes further when it is asked again. */
async function realise({ environment }: PrivateDaemon, derivation: string): Promise<string[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      const { stdout } = await run('nix-store', ['--realise', derivation], { env: environment });
      return stdout.trim().split('\n');
    } catch (error) {
      if (tries === 3 || !String(error).includes('map::at')) throw error;
    }
  }
}

async function buildWithFarm(farm: LiveFarm, set: string): Promise<Outputs> {
  const queued = Object.entries(await farm.queueAll(set));
  const paths = new Map<string, string>();
  for (const [job, { build }] of queued) {
    assert.equal(await farm.statusOf(build), 0, `${job} of ${set}`);
    const rows = await farm.database.query<{ path: string }>(
      'select path from buildoutputs where build = $1',
      [build],
    );
    for (const { path } of rows) paths.set(`${job} ${nameOf(path)}`, path);
  }
  return readOutputs(farm.daemon, paths);
}

const nameOf = (path: string): string => basename(path).slice(33);

async function readOutputs(
  { address }: PrivateDaemon,
  paths: ReadonlyMap<string, string>,
): Promise<Outputs> {
  await using connection = await DaemonConnection.connect(address);
  const outputs = new Map<string, string>();
  for (const [key, path] of paths) {
    const info = await connection.queryPathInfo(parseBaseName(basename(path)));
    outputs.set(key, `${path} ${info === null ? 'missing' : printHash(info.narHash, 'nix32')}`);
  }
  return outputs;
}
