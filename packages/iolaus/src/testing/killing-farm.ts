import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCacheAddress } from '../cache/address/parse-address.ts';
import { openBinaryCache } from '../cache/binary-cache.ts';
import type { BinaryCache } from '../cache/binary-cache.ts';
import { sweepMultiparts } from '../cache/objects/s3/sweep-multiparts.ts';
import { S3Store } from '../cache/objects/s3/s3-store.ts';
import type { InjectedFault, SeenRequest } from '../cache/testing/faulty-server.ts';
import { openTestS3 } from '../cache/testing/test-s3.ts';
import type { TestS3 } from '../cache/testing/test-s3.ts';
import { verifyCache } from '../cache/testing/verify-cache.ts';
import { readMultiparts } from '../database/multipart-uploads.ts';
import { readUploads } from '../database/uploads.ts';
import { forgetOutputs } from './forget-outputs.ts';
import { startIolaus } from './iolaus-process.ts';
import type { IolausProcess } from './iolaus-process.ts';
import { keepRunning } from './kept-running.ts';
import { lookApart, openLiveFarm, until } from './live-farm.ts';
import type { LiveFarm } from './live-farm.ts';

export type Victim = 'runner' | 'builder';

/** Who is killed, before or after what was asked for is done; he hears nothing of it in either case. */
export type Kill = {
  readonly victim: Victim;
  readonly moment: Extract<InjectedFault, 'reset' | 'answer-lost'>;
};

/** A runner and a builder as processes, and a cache that has them killed at their requests; they are started again. */
export type KillingFarm = AsyncDisposable & {
  /** Builds two outputs, one of which goes in parts, and resolves when both are published, looked at and removed. */
  publish(name: string, choose: (seen: SeenRequest) => Kill | null): Promise<void>;
};

type Options = { readonly usePresignedUploads: boolean };

export async function openKillingFarm({ usePresignedUploads }: Options): Promise<KillingFarm> {
  await using opening = new AsyncDisposableStack();
  const s3 = opening.use(await openTestS3());
  const farm = opening.use(await openLiveFarm());
  const address = `${s3.address}&compression=none&store=${farm.daemon.address.storeDirectory}`;
  const cache = opening.use(openBinaryCache(parseCacheAddress(address), s3));
  let choose: Parameters<KillingFarm['publish']>[1] = () => null;
  let isSomebodyDown = false;
  const whenKilled = async (): Promise<void> => {
    await verifyCache(cache);
    // Else the next runner would find them in the store that is the builder's, too.
    if (usePresignedUploads) forgetOutputs(farm.daemon, namePrefix);
    isSomebodyDown = false;
  };
  const start = await openStarters(farm, { s3, address, usePresignedUploads });
  const victims = {
    runner: opening.use(keepRunning(start.runner, whenKilled)),
    builder: opening.use(keepRunning(start.builder, whenKilled)),
  };
  s3.inject((seen) => {
    const kill = isSomebodyDown ? null : choose(seen);
    if (kill === null) return null;
    isSomebodyDown = true;
    victims[kill.victim].kill();
    return kill.moment;
  });
  const publish: KillingFarm['publish'] = async (name, chosen) => {
    choose = chosen;
    const { build } = await farm.queue(`${namePrefix}-${name}`, script, attributes);
    assert.equal(await farm.statusOf(build), 0);
    await until(async () => !isSomebodyDown && (await nothingIsLeft(farm)));
    choose = () => null;
    assert.equal(await verifyCache(cache), 2, name);
    await clear(cache, s3);
  };
  const open = opening.move();
  return {
    publish: (name, chosen) =>
      Promise.race([publish(name, chosen), victims.runner.failed, victims.builder.failed]),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

const namePrefix = 'killed';
const script =
  'echo said; echo small > $lib; head -c 6000000 /dev/urandom > $out; echo $lib >> $out';
const attributes = '{ outputs = [ "out" "lib" ]; }';

/** Who is not killed lives through all uploads. */
const secondsMax = 1_800;

/** How both are started, as they would be by a service manager. */
async function openStarters(
  { folder, daemon, databaseUrl }: LiveFarm,
  { s3, address, usePresignedUploads }: Options & { readonly s3: TestS3; readonly address: string },
): Promise<Record<Victim, () => IolausProcess>> {
  const [config, socket, state] = [
    join(folder, 'runner.toml'),
    join(folder, 'socket'),
    join(folder, 'state'),
  ];
  await mkdir(state);
  await writeFile(
    config,
    `remoteStoreAddr = ["${address}"]\nusePresignedUploads = ${usePresignedUploads}\nretryInterval = 1\n`,
  );
  const apart = await lookApart(daemon);
  const places = ['--grpc-bind', socket, '--rest-bind', '127.0.0.1:0', '--data-dir', folder];
  return {
    runner: () =>
      startIolaus(['runner', '--config-path', config, '--db-url', databaseUrl, ...places], {
        environment: { ...daemon.environment, ...s3.environment },
        secondsMax,
      }),
    builder: () =>
      startIolaus(['builder', '--gateway-endpoint', `unix://${socket}`, '--state-dir', state], {
        environment: apart,
        secondsMax,
      }),
  };
}

const nothingIsLeft = async ({ database }: LiveFarm): Promise<boolean> =>
  (await readUploads(database, 'all')).length === 0 &&
  (await readMultiparts(database)).length === 0;

/** What was begun in parts by who did not live to tell of it goes as it does once a day. */
async function clear({ objects }: BinaryCache, s3: TestS3): Promise<void> {
  assert.ok(objects instanceof S3Store);
  await sweepMultiparts(objects.client, Date.now() + 3 * 24 * 3_600_000);
  assert.equal(await s3.openUploads(), 0);
  for (const key of await s3.keys()) if (key !== 'nix-cache-info') await objects.delete(key);
}
