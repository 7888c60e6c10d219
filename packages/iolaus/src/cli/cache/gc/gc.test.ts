import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  derivationPath,
  fromUtf8,
  parseBaseName,
  storeDirectory,
  printDerivation,
} from '@iolaus/nix';
import type { DerivationOutput, DerivationPath } from '@iolaus/nix';
import { parseCacheAddress } from '../../../cache/address/parse-address.ts';
import { openBinaryCache, prepareCache } from '../../../cache/binary-cache.ts';
import { writeNarinfo } from '../../../cache/narinfos/narinfo-object.ts';
import { testDatabase } from '../../../database/testing.ts';
import { derivationOf, outputOf, queueBuilds } from '../../../database/testing-farm.ts';

const program = fileURLToPath(new URL('../../../../bin/iolaus.js', import.meta.url));

const gc = async (...parameters: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [program, 'cache', 'gc', ...parameters])).stdout;

const baseName = (path: string): string => path.slice('/nix/store/'.length);
const needed = baseName(outputOf('package'));
const unneeded = `${'z'.repeat(32)}-other`;

/** A cache in a folder, and beside it the store from which derivations are read. */
async function openScene() {
  const folder = await mkdtemp(join(tmpdir(), 'cache-gc-'));
  const store = storeDirectory(folder);
  const cache = `file://${folder}/cache?store=${store}`;
  return {
    cache,
    publish: (name: string) => publish(cache, name),
    /** What is called like the builds of tests. */
    instantiate: async (
      name: string,
      output: DerivationOutput,
      {
        inputs = [],
        sources = [],
      }: { inputs?: readonly string[]; sources?: readonly string[] } = {},
    ): Promise<void> => {
      const text = printDerivation(store, {
        name,
        outputs: new Map([['out', output]]),
        system: fromUtf8('any'),
        inputSources: sources.map((source) => parseBaseName(source)),
        environment: new Map(),
        builder: fromUtf8('/bin/sh'),
        arguments: [],
        inputDerivations: new Map(
          inputs.map((input) => [pathOf(input), { outputs: ['out'], dynamic: new Map() }]),
        ),
      });
      await writeFile(join(folder, pathOf(name)), text);
    },
    archives: async () => (await readdir(join(folder, 'cache/nar'))).sort(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const pathOf = (name: string): DerivationPath => derivationPath(baseName(derivationOf(name)));
const at = (name: string): DerivationOutput => ({
  type: 'input-addressed',
  path: parseBaseName(name),
});

async function publish(address: string, name: string): Promise<void> {
  using cache = openBinaryCache(parseCacheAddress(address));
  await prepareCache(cache);
  const narHash = { algorithm: 'sha256', digest: Buffer.alloc(32) } as const;
  const narinfo = {
    path: parseBaseName(name),
    url: `nar/${name}.nar`,
    compression: 'none',
    narHash,
    fileHash: null,
    fileSize: null,
    narSize: 1,
    references: [],
    deriver: null,
    signatures: [],
    contentAddress: null,
  };
  await cache.objects.put(narinfo.url, Buffer.from('archive'), { contentType: 'text/plain' });
  await writeNarinfo(cache, narinfo, { ifAbsent: true });
}

test('a cache keeps what the builds of the farm need, and what goes is told before', async () => {
  await using server = await testDatabase();
  await using scene = await openScene();
  for (const name of [needed, unneeded]) await scene.publish(name);
  const words = ['--db-url', server.url, scene.cache];
  await assert.rejects(gc(...words), /keeps no builds/);
  await queueBuilds(server.database, ['package']);
  await assert.rejects(gc(...words), /no .*package.drv, for which there is work/);
  await scene.instantiate('package', at(needed));
  assert.match(await gc(...words), /^0 paths and 0 archives removed.*2 paths stay/);
  const told = JSON.parse(await gc('--dry-run', '--json', '--grace-days', '0', ...words));
  assert.deepEqual([told.archives, told.kept, told.dryRun], [[`nar/${unneeded}.nar`], 1, true]);
  assert.equal((await scene.archives()).length, 2);
  assert.match(await gc('--grace-days', '0', ...words), /^1 paths and 1 archives removed/);
  assert.deepEqual(await scene.archives(), [`${needed}.nar`]);
});

test('what an unfinished build is built of stays, also where only a build can tell its path', async () => {
  await using server = await testDatabase();
  await using scene = await openScene();
  const digits = new Map(
    ['tool', 'source', 'realised', 'spared'].map((name, index) => [name, `${index + 2}`]),
  );
  const named = (name: string): string => `${digits.get(name)?.repeat(32)}-${name}`;
  const floating = { type: 'floating', method: 'nar', algorithm: 'sha256' } as const;
  await scene.instantiate('tool', at(named('tool')), { sources: [named('source')] });
  await scene.instantiate('floating', floating, { inputs: ['tool'] });
  await scene.instantiate('package', at(needed), { inputs: ['floating'] });
  const inHand = [...digits.keys()].map(named);
  for (const name of [...inHand, unneeded]) await scene.publish(name);
  await queueBuilds(server.database, ['package']);
  const { database } = server;
  await database.query(`insert into iolaus.realisations values ($1, 'out', $2)`, [
    pathOf('floating'),
    named('realised'),
  ]);
  const spared = `${digits.get('spared')?.repeat(32)}.narinfo`;
  await database.query('insert into iolaus.spared values ($1)', [spared]);
  await gc('--grace-days', '0', '--db-url', server.url, scene.cache);
  assert.deepEqual(await scene.archives(), inHand.map((name) => `${name}.nar`).sort());
});
