import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DaemonConnection, generateSecretKey, printSecretKey } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import { startServer } from './start-server.ts';
import { parseCacheAddress } from '../../packages/iolaus/src/cache/address/parse-address.ts';
import { openBinaryCache, prepareCache } from '../../packages/iolaus/src/cache/binary-cache.ts';
import { fromStoreFolder, Publisher } from '../../packages/iolaus/src/cache/publish/publisher.ts';

const count = 10_000;

/** Signed and compressed to an HTTP server on this machine, and the same with `nix copy`. */
export async function measureTinyPaths(): Promise<{ readonly tinyPathsRatio: number }> {
  await using daemon = await startPrivateDaemon();
  const folder = await mkdtemp(join(tmpdir(), 'bench-cache-'));
  await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const keyFile = join(folder, 'key');
  await writeFile(keyFile, printSecretKey(generateSecretKey('bench-1')));
  await using server = await startServer('objects');
  await using connection = await DaemonConnection.connect(daemon.address);
  const paths: StorePath[] = [];
  for (let number = 0; number < count; number += 1)
    paths.push(
      await connection.addTextToStore(`tiny-${number}`, Buffer.from(`text ${number}`), []),
    );
  const parameters = `compression=zstd&secret-key=${keyFile}`;
  const begun = performance.now();
  const target = `${server.endpoint}/theirs?${parameters}`;
  const features = ['--extra-experimental-features', 'nix-command'];
  await promisify(execFile)('nix', [...features, 'copy', '--all', '--to', target], {
    env: daemon.environment,
    // It names every path that it copies.
    maxBuffer: 64 * 1024 * 1024,
  });
  const copied = performance.now();
  await publish(connection, paths, `${server.endpoint}/ours?${parameters}`);
  const published = performance.now();
  return { tinyPathsRatio: (copied - begun) / (published - copied) };
}

async function publish(
  connection: DaemonConnection,
  paths: readonly StorePath[],
  address: string,
): Promise<void> {
  const store = connection.storeDirectory;
  using cache = openBinaryCache(parseCacheAddress(`${address}&store=${store}`));
  await prepareCache(cache);
  const infos = (await connection.queryPathInfos(paths)).filter((info) => info !== null);
  await new Publisher(cache).publish(infos, fromStoreFolder(store));
}
