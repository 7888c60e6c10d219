import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { storePathDigest, parseBaseName } from '@iolaus/nix';
import { systemClock } from '../../clock/system-clock.ts';
import { handClock } from '../../clock/testing/hand-clock.ts';
import { prepareOwnSchema } from '../../database/schema/own-schema.ts';
import { testDatabase } from '../../database/testing.ts';
import { insertUploads, readUploads, retryUploads } from '../../database/uploads.ts';
import type { Upload } from '../../database/uploads.ts';
import { serveObjects } from '../../cache/testing/serve-objects.ts';
import { openTestS3 } from '../../cache/testing/test-s3.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { Fault } from '../../fault/fault.ts';
import { createLogger } from '../../logging/logger.ts';
import { UploadQueue } from './upload-queue.ts';
import type { UploadQueueOptions } from './upload-queue.ts';

const script = 'echo said; mkdir $out; echo done > $out/file';

const none = async (farm: LiveFarm) => (await readUploads(farm.database, 'all')).length === 0;

const addressIn = (farm: LiveFarm, place: string, parameters = 'compression=zstd'): string =>
  `${place}${place.includes('?') ? '&' : '?'}store=${farm.daemon.address.storeDirectory}&${parameters}`;

const outputOf = async (farm: LiveFarm, build: number): Promise<string> => {
  const [row] = await farm.database.query<{ path: string }>(
    'select path from buildoutputs where build = $1',
    [build],
  );
  return storePathDigest(parseBaseName(row?.path.split('/').at(-1) ?? ''));
};

test('what is built, and its log, is in every store of the configuration soon after', async () => {
  await using farm = await openLiveFarm();
  const folders = ['one', 'other'].map((name) => join(farm.folder, name));
  const remoteStoreAddr = folders.map((folder) => addressIn(farm, `file://${folder}`));
  await using runner = await farm.startRunner({ remoteStoreAddr });
  await using _builder = await farm.startBuilder(runner.endpoint);
  const good = await farm.queue('good', script);
  const bad = await farm.queue('bad', 'echo why; exit 1');
  assert.equal(await farm.statusOf(good.build), 0);
  assert.equal(await farm.statusOf(bad.build), 1);
  await until(() => none(farm));
  const output = await outputOf(farm, good.build);
  for (const folder of folders) {
    const files = await readdir(folder);
    assert.ok(files.includes('nix-cache-info'));
    assert.deepEqual(
      files.filter((file) => file.endsWith('.narinfo')),
      [`${output}.narinfo`],
    );
    const logs = await readdir(join(folder, 'log'));
    assert.deepEqual(logs.sort(), [good.derivation, bad.derivation].sort());
  }
});

test('a store that is away, or refuses us, is tried again, by the next runner too, and holds up no other', async () => {
  await using farm = await openLiveFarm();
  await using s3 = await openTestS3();
  Object.assign(process.env, s3.environment);
  s3.inject(() => 'slow-down');
  await using server = await serveObjects({ writer: 'me:a secret' });
  const places = ['me:a%20secret', 'me:another'].map(
    (writer, index) => `${server.endpoint.replace('//', `//${writer}@`)}/${index}`,
  );
  const folder = join(farm.folder, 'near');
  const remoteStoreAddr = [s3.address, ...places, `file://${folder}`].map((place) =>
    addressIn(farm, place),
  );
  let built;
  {
    await using runner = await farm.startRunner({ remoteStoreAddr });
    await using _builder = await farm.startBuilder(runner.endpoint);
    built = await farm.queue('far', script);
    assert.equal(await farm.statusOf(built.build), 0);
    const errors = await until(async () => {
      const waiting = await readUploads(farm.database, 'all');
      const said = waiting.flatMap(({ error }) => error ?? []).join();
      return waiting.length === 2 && said.includes('401') ? said : undefined;
    });
    assert.doesNotMatch(errors, /another/);
  }
  const narinfo = `${await outputOf(farm, built.build)}.narinfo`;
  assert.ok((await readdir(folder)).includes(narinfo));
  assert.deepEqual(
    new Set([...server.objects.keys()].filter((key) => !key.startsWith('/0/nar/'))),
    new Set([`/0/${narinfo}`, `/0/log/${built.derivation}`, '/0/nix-cache-info']),
  );
  s3.inject(() => null);
  assert.deepEqual(await s3.keys(), []);
  await farm.database.query('update iolaus.uploads set notbefore = 0');
  await using _next = await farm.startRunner({ remoteStoreAddr });
  await until(async () => (await readUploads(farm.database, 'all')).length === 1);
  assert.ok((await s3.keys()).includes(narinfo));
});

test('what cannot be published is given up, shown, and tried again when asked', async () => {
  await using server = await testDatabase();
  const { database } = server;
  await prepareOwnSchema(database);
  await database.transaction((transaction) =>
    insertUploads(transaction, ['there'], [{ derivation: 'a.drv', outputs: ['a'] }]),
  );
  let isBroken = true;
  const publish = async (): Promise<void> => {
    if (isBroken) throw new Fault('cache-refused', 'no');
  };
  const clock = handClock();
  await using _queue = openQueue({ database, stores: ['there'], publish, clock });
  const givenUp = await until(async () => {
    clock.pass(3_600_000);
    return (await readUploads(database, 'given-up'))[0];
  });
  assert.deepEqual([givenUp.error, givenUp.tries], ['no', 3]);
  clock.pass(3_600_000);
  isBroken = false;
  assert.equal((await retryUploads(database)).length, 1);
  clock.pass(5_000);
  await until(async () => (await readUploads(database, 'all')).length === 0);
});

test('a slow upload delays nothing else: not what comes after it, nor what goes to another store', async () => {
  await using server = await testDatabase();
  const { database } = server;
  await prepareOwnSchema(database);
  const stores = ['near', 'far'];
  const wanted = Array.from({ length: 9 }, (_, number) => ({
    derivation: `${number}.drv`,
    outputs: ['a'],
  }));
  await database.transaction((transaction) => insertUploads(transaction, stores, wanted));
  const slow = Promise.withResolvers<void>();
  // One object of those to the one store, and all to the other one.
  const publish = async ({ store, derivation }: Upload): Promise<void> => {
    if (store === 'far' || derivation === '0.drv') await slow.promise;
  };
  await using _queue = openQueue({ database, stores, publish, clock: systemClock });
  const left = await until(async () => {
    const uploads = await readUploads(database, 'all');
    return uploads.length === 10 ? uploads : null;
  });
  assert.deepEqual(
    left.filter(({ store }) => store === 'near').map(({ derivation }) => derivation),
    ['0.drv'],
  );
  slow.resolve();
  await until(async () => (await readUploads(database, 'all')).length === 0);
});

test('no more is published at a time to a store than is set, and a new setting counts from the next on', async () => {
  await using server = await testDatabase();
  const { database } = server;
  await prepareOwnSchema(database);
  const wanted = Array.from({ length: 6 }, (_, number) => ({
    derivation: `${number}.drv`,
    outputs: ['a'],
  }));
  await database.transaction((transaction) => insertUploads(transaction, ['near'], wanted));
  const underWay: PromiseWithResolvers<void>[] = [];
  const publish = (): Promise<void> => {
    const upload = Promise.withResolvers<void>();
    underWay.push(upload);
    return upload.promise;
  };
  let limit = 2;
  const parts = { database, stores: ['near'], publish, clock: systemClock };
  await using queue = openQueue({ ...parts, limit: () => limit });
  await until(() => underWay.length === 2);
  assert.equal((await queue.waiting()).length, 4);
  limit = 4;
  underWay.shift()?.resolve();
  await until(() => underWay.length === 4);
  limit = 6;
  for (const { resolve } of underWay.splice(0)) resolve();
  await until(() => underWay.length === 1);
  underWay.pop()?.resolve();
  await until(async () => (await readUploads(database, 'all')).length === 0);
});

type QueueParts = Pick<UploadQueueOptions, 'database' | 'clock'> &
  Pick<UploadQueueOptions['destinations'], 'stores' | 'publish'> &
  Partial<Pick<UploadQueueOptions, 'limit'>>;

/** Two at a time, if nothing else is said. */
function openQueue({ database, clock, stores, publish, limit = () => 2 }: QueueParts): UploadQueue {
  const destinations = { stores, storesFor: () => stores, publish, [Symbol.dispose]: () => {} };
  const logger = createLogger({
    program: 'test',
    level: 'error',
    destination: { isTerminal: false, write: () => {} },
  });
  return new UploadQueue({ database, destinations, limit, clock, logger });
}

test('a mistyped store stops the runner', async () => {
  await using farm = await openLiveFarm();
  await assert.rejects(
    farm.startRunner({ remoteStoreAddr: ['s3://cache?compresion=zstd'] }),
    /compresion/,
  );
});
