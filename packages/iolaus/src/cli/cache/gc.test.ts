import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseBaseName } from '@iolaus/nix';
import { parseCacheAddress } from '../../cache/address/parse-address.ts';
import { openBinaryCache } from '../../cache/binary-cache.ts';
import { writeNarinfo } from '../../cache/narinfos/narinfo-object.ts';
import { testDatabase } from '../../database/testing.ts';
import { outputOf, queueBuilds } from '../../database/testing-farm.ts';

const program = fileURLToPath(new URL('../../../bin/iolaus.js', import.meta.url));

const gc = async (...parameters: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [program, 'cache', 'gc', ...parameters])).stdout;

async function publish(folder: string, name: string): Promise<void> {
  using cache = openBinaryCache(parseCacheAddress(folder));
  const narHash = { algorithm: 'sha256', digest: Buffer.alloc(32) } as const;
  const narinfo = {
    ...{ path: parseBaseName(name), url: `nar/${name}.nar`, compression: 'none', narHash },
    ...{ fileHash: null, fileSize: null, narSize: 1, references: [], deriver: null },
    ...{ signatures: [], contentAddress: null },
  };
  await cache.objects.put(narinfo.url, Buffer.from('archive'), { contentType: 'text/plain' });
  await writeNarinfo(cache, narinfo, { ifAbsent: true });
}

test('a cache keeps what the builds of the farm need, and what goes is told before', async () => {
  await using server = await testDatabase();
  await using folder = await openFolder();
  const needed = outputOf('package').slice('/nix/store/'.length);
  const unneeded = `${'z'.repeat(32)}-other`;
  for (const name of [needed, unneeded]) await publish(folder.path, name);
  const words = ['--db-url', server.url, folder.path];
  await assert.rejects(gc(...words), /keeps no builds/);
  await queueBuilds(server.database, ['package']);
  assert.match(await gc(...words), /^0 paths and 0 archives removed.*2 paths stay/);
  const told = JSON.parse(await gc('--dry-run', '--json', '--grace-days', '0', ...words));
  assert.deepEqual([told.archives, told.kept, told.dryRun], [[`nar/${unneeded}.nar`], 1, true]);
  assert.equal((await readdir(join(folder.path, 'nar'))).length, 2);
  assert.match(await gc('--grace-days', '0', ...words), /^1 paths and 1 archives removed/);
  assert.deepEqual(await readdir(join(folder.path, 'nar')), [`${needed}.nar`]);
});

async function openFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'cache-gc-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
