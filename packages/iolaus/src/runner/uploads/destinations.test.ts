import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { derivationPath } from '@iolaus/nix';
import { parseCacheAddress } from '../../cache/address/parse-address.ts';
import { openBinaryCache } from '../../cache/binary-cache.ts';
import { noSweeps } from '../../cache/sweeps.ts';
import { buildStore } from '../../cache/testing/built-store.ts';
import { openTestS3 } from '../../cache/testing/test-s3.ts';
import { verifyCache } from '../../cache/testing/verify-cache.ts';
import { logFilePath } from '../logs/log-files.ts';
import { Destinations } from './destinations.ts';

async function countTrue(address: string): Promise<number> {
  using cache = openBinaryCache(parseCacheAddress(address));
  return await verifyCache(cache);
}

test('what only one cache has, every further store gets from there', async () => {
  await using store = await buildStore();
  await using s3 = await openTestS3();
  Object.assign(process.env, s3.environment);
  const other = await s3.openBucket();
  const { storeDirectory } = store.daemon.address;
  const addresses = [
    `${s3.address}&compression=zstd&store=${storeDirectory}`,
    `file://${join(store.folder, 'second')}?compression=none&store=${storeDirectory}`,
    `${other.address}&store=${storeDirectory}`,
  ];
  using destinations = new Destinations({
    daemon: store.daemon.address,
    logDirectory: store.folder,
    sweeps: noSweeps,
    realisationsOf: async () => [],
  });
  destinations.change(addresses, null);
  const [first = '', ...further] = addresses;
  const upload = { id: 1, derivation: `${'0'.repeat(32)}-x.drv`, outputs: [store.path], tries: 0 };
  await destinations.publish({ ...upload, store: first });
  await promisify(execFile)('nix-store', ['--gc'], { env: store.daemon.environment });
  assert.ok(!(await readdir(storeDirectory)).includes(store.path));
  for (const address of further) await destinations.publish({ ...upload, store: address });
  for (const address of addresses) assert.equal(await countTrue(address), store.closure.length);
  await assert.rejects(
    destinations.publish({ ...upload, store: first, outputs: [`${'0'.repeat(32)}-gone`] }),
    { code: 'cache-refused' },
  );
});

test('a log that only the overflow store has comes along with what others need', async () => {
  await using store = await buildStore();
  await using s3 = await openTestS3();
  Object.assign(process.env, s3.environment);
  const { storeDirectory } = store.daemon.address;
  const overflow = `${s3.address}&log-compression=br&store=${storeDirectory}`;
  const folder = join(store.folder, 'regular');
  const regular = `file://${folder}?store=${storeDirectory}`;
  const derivation = `${'0'.repeat(32)}-x.drv`;
  const logDirectory = join(store.folder, 'logs');
  const log = logFilePath(logDirectory, derivationPath(derivation));
  await mkdir(dirname(log), { recursive: true });
  await writeFile(log, 'what it said\n');
  using destinations = new Destinations({
    daemon: store.daemon.address,
    logDirectory,
    sweeps: noSweeps,
    realisationsOf: async () => [],
  });
  destinations.change([regular], overflow);
  const upload = { id: 1, derivation, outputs: [store.path], tries: 0 };
  await destinations.publish({ ...upload, store: overflow });
  await rm(log);
  await destinations.publish({ ...upload, store: regular });
  assert.equal(await readFile(join(folder, 'log', derivation), 'utf8'), 'what it said\n');
});
