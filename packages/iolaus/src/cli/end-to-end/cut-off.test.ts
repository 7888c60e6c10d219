import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { computeHash, dumpNar, outputPath } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { connectRunner } from '../../protocol/client/runner-client.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import type { Join } from '../../protocol/join.ts';
import { aJoin, anInfo } from '../../protocol/testing/runner-pair.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

/** A file with this in it, as an archive. */
async function archiveOf(farm: LiveFarm, text: string): Promise<Buffer> {
  const file = join(farm.folder, text);
  await writeFile(file, text);
  return buffer(dumpNar(file));
}

/** Joins, and resolves with the order that it gets; the tunnel is open until the signal is aborted. */
async function takeOrder(
  builder: RunnerClient,
  claims: Join,
  signal: AbortSignal,
): Promise<BuildOrder> {
  const tunnel = builder.openTunnel(claims, { signal });
  const { promise, resolve } = Promise.withResolvers<BuildOrder>();
  const listen = async (): Promise<void> => {
    for await (const message of tunnel.messages)
      if (message.type === 'build') resolve(message.order);
  };
  listen().catch(() => {});
  const { machine } = claims;
  const free = { buildDirectoryFreePercent: 50, storeFreePercent: 50 };
  const idle = { load1: 0, load5: 0, load15: 0, memoryUsedBytes: 0, pressure: null };
  const still = { pathsSubstituting: 0, pathsUploading: 0, pathsDownloading: 0 };
  await tunnel.send({ type: 'ping', ping: { machine, ...free, ...idle, ...still } });
  return promise;
}

const outputsOf = ({ derivation }: BuildOrder): StorePath[] =>
  [...derivation.outputs.values()]
    .map((output) => outputPath(output))
    .filter((path) => path !== null);

const read = (farm: LiveFarm, path: StorePath): Promise<string> =>
  readFile(join(farm.daemon.address.storeDirectory, path), 'utf8');

test('what an attempt left that was cut off between two outputs does not stay beside what the next one makes', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  const leaving = new AbortController();
  await using leaver = connectRunner(runner.endpoint, {
    storeDirectory: farm.daemon.address.storeDirectory,
  });
  const claims: Join = { ...aJoin(), systems: ['x86_64-linux', 'aarch64-linux'] };
  const { build } = await farm.queue(
    'parts',
    'printf second > $out; printf second > $dev',
    '{ outputs = [ "out" "dev" ]; }',
  );
  const order = await takeOrder(leaver, claims, leaving.signal);
  const archive = await archiveOf(farm, 'first');
  const infos = outputsOf(order).map((path) => ({
    ...anInfo(path, archive.length),
    narHash: computeHash('sha256', archive),
  }));
  const [left, never] = infos;
  assert.ok(left !== undefined && never !== undefined);
  const sending = leaver.sendPaths({
    attempt: order.attempt,
    infos,
    async *nar({ path }) {
      if (path === left.path) yield archive;
      else await new Promise(() => {});
    },
  });
  sending.catch(() => {});
  assert.equal(await until(() => read(farm, left.path).catch(() => null)), 'first');
  leaving.abort();
  await using _second = await farm.startBuilder(runner.endpoint);
  assert.equal(await farm.statusOf(build), 0);
  assert.deepEqual(
    [await read(farm, left.path), await read(farm, never.path)],
    ['second', 'second'],
  );
});
