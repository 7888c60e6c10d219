import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { generateSecretKey, printPublicKey, printSecretKey, publicKeyOf } from '@iolaus/nix';
import { parseCacheAddress } from '../../../cache/address/parse-address.ts';
import { openBinaryCache } from '../../../cache/binary-cache.ts';
import { createMultipart } from '../../../cache/objects/s3/multipart.ts';
import { S3Store } from '../../../cache/objects/s3/s3-store.ts';
import { kindOf } from '../../../cache/testing/kind-of-request.ts';
import { openTestS3 } from '../../../cache/testing/test-s3.ts';
import type { TestS3 } from '../../../cache/testing/test-s3.ts';
import { verifyCache } from '../../../cache/testing/verify-cache.ts';
import { insertMultipart, readMultiparts } from '../../../database/multipart-uploads.ts';
import { prepareOwnSchema } from '../../../database/schema/own-schema.ts';
import { openLiveFarm, until } from '../../../testing/live-farm.ts';
import type { LiveFarm } from '../../../testing/live-farm.ts';
import { markedJobs } from '../../../testing/marked-jobs.ts';
import { parsePublicKey } from '@iolaus/nix';

const key = generateSecretKey('farm-1');

async function openFarm(s3: TestS3, parameters = 'compression=zstd') {
  Object.assign(process.env, s3.environment);
  const farm = await openLiveFarm();
  const keyFile = join(farm.folder, 'key');
  await writeFile(keyFile, printSecretKey(key));
  const address = `${s3.address}&secret-key=${keyFile}&store=${farm.daemon.address.storeDirectory}&${parameters}`;
  return { farm, settings: { remoteStoreAddr: [address], usePresignedUploads: true }, address };
}

async function verify(address: string): Promise<number> {
  using cache = openBinaryCache(parseCacheAddress(address));
  return await verifyCache(cache, [parsePublicKey(printPublicKey(publicKeyOf(key)))]);
}

/** What nobody holds is gone from the store. */
const clearUp = ({ daemon }: LiveFarm) =>
  promisify(execFile)('nix-store', ['--gc'], { env: daemon.environment });

const archivesPut = ({ requests }: TestS3) =>
  requests.filter(({ method, key: name }) => method === 'PUT' && name.startsWith('nar/'));

test('a builder puts its outputs into the cache itself', async () => {
  await using s3 = await openTestS3();
  const { farm, settings, address } = await openFarm(s3, 'compression=zstd&write-nar-listing=1');
  await using _farm = farm;
  await using runner = await farm.startRunner(settings);
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  const { build } = await farm.queue('small', 'mkdir $out; echo done > $out/file');
  assert.equal(await farm.statusOf(build), 0);
  assert.equal(await verify(address), 1);
  const put = archivesPut(s3);
  assert.equal(put.length, 1);
  assert.ok(put.every(({ query }) => query.has('X-Amz-Signature')));
  assert.ok((await s3.keys()).some((name) => name.endsWith('.ls')));
});

test('what is large goes in parts, and what the cache has goes no second time', async () => {
  await using s3 = await openTestS3();
  const { farm, settings, address } = await openFarm(s3);
  await using _farm = farm;
  await using runner = await farm.startRunner(settings);
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  const script = 'head -c 12000000 /dev/urandom > $out';
  const { build } = await farm.queue('large', script, '{ outputs = [ "out" ]; }');
  assert.equal(await farm.statusOf(build), 0);
  assert.equal(await verify(address), 1);
  assert.ok(archivesPut(s3).length >= 3);
  assert.equal(await s3.openUploads(), 0);
  assert.deepEqual(await farm.database.query('select * from iolaus.multipartuploads'), []);
});

test('dependents fetch what only the cache has, and who wants it again has it', async () => {
  await using s3 = await openTestS3();
  const { farm, settings, address } = await openFarm(s3);
  await using _farm = farm;
  await using runner = await farm.startRunner(settings);
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  const first = await farm.queue('first', 'echo of the first > $out');
  assert.equal(await farm.statusOf(first.build), 0);
  await clearUp(farm);
  const { second } = await farm.queueAll(`let
    first = run "first" "echo of the first > $out" {};
  in { second = run "second" "cat \${first} > $out; echo \${first} >> $out" {}; }`);
  assert.equal(await farm.statusOf(second?.build ?? 0), 0);
  assert.equal(await verify(address), 2);
  await clearUp(farm);
  const again = await farm.queue('first', 'echo of the first > $out');
  assert.equal(await farm.statusOf(again.build), 0);
  assert.deepEqual(await farm.steps(again.build), []);
});

test('a step waits until what it needs, and only the runner has, is in the cache', async () => {
  await using s3 = await openTestS3();
  const { farm, settings, address } = await openFarm(s3);
  await using _farm = farm;
  const { environment, address: store } = farm.daemon;
  const first = await farm.queue('first', 'echo of the first > $out');
  const { stdout } = await promisify(execFile)(
    'nix-store',
    ['--realise', join(store.storeDirectory, first.derivation)],
    { env: environment },
  );
  await farm.database.query('delete from builds');
  await using runner = await farm.startRunner(settings);
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  let refusals = 2;
  s3.inject(({ method, key: name, query }) => {
    const isRunners = method === 'PUT' && name.startsWith('nar/') && !query.has('X-Amz-Signature');
    if (!isRunners || refusals === 0) return null;
    refusals -= 1;
    return 'slow-down';
  });
  const { second } = await farm.queueAll(`let
    first = run "first" "echo of the first > $out" {};
  in { second = run "second" "echo \${first} > $out" {}; }`);
  assert.equal(await farm.statusOf(second?.build ?? 0), 0);
  assert.equal(refusals, 0);
  const narinfos = s3.requests
    .filter(({ method, key: name }) => method === 'PUT' && name.endsWith('.narinfo'))
    .map(({ key: name }) => stdout.includes(name.slice(0, 32)));
  assert.deepEqual(narinfos, [true, false], 'the first one comes first');
  assert.equal(await verify(address), 2);
});

test('two builders that publish the same content-addressed paths at once: one object each, both have succeeded', async () => {
  await using s3 = await openTestS3();
  const { farm, settings, address } = await openFarm(s3, 'compression=none');
  await using _farm = farm;
  await using runner = await farm.startRunner(settings);
  const once = { apart: true, settings: { maxJobs: 1 } };
  await using _ares = await farm.startBuilder(runner.endpoint, { ...once, hostname: 'ares' });
  await using _hector = await farm.startBuilder(runner.endpoint, { ...once, hostname: 'hector' });
  // What goes at once, and what goes in parts, goes when both builders want it to.
  const meetings = new Map(['PUT nar', 'POST nar begin'].map((kind) => [kind, meeting(2)]));
  s3.inject(async (request) => {
    await meetings.get(kindOf(request))?.();
    return null;
  });
  const script = 'echo small > $lib; head -c 6000000 /dev/zero > $out # $salt';
  const same = (salt: string): string =>
    `run "same" ${JSON.stringify(script)} (floating // { salt = "${salt}"; outputs = [ "out" "lib" ]; })`;
  const queued = await farm.queueAll(
    markedJobs(farm, `{ one = ${same('one')}; other = ${same('other')}; }`),
  );
  const hosts = [];
  for (const { build } of Object.values(queued)) {
    assert.equal(await farm.statusOf(build), 0);
    hosts.push((await farm.steps(build)).map(({ status, machine }) => `${status} ${machine}`));
  }
  assert.deepEqual(hosts.flat().toSorted(), ['0 ares', '0 hector']);
  assert.equal(await verify(address), 2);
  for (const [name, writes] of s3.writes)
    if (/^nar\/|narinfo$/.test(name)) assert.equal(writes, 1, name);
  assert.equal(await s3.openUploads(), 0);
});

/** Nobody leaves it before so many have come; who comes later passes by. */
function meeting(size: number): () => Promise<void> {
  const full = Promise.withResolvers<void>();
  let count = 0;
  return () => {
    count += 1;
    if (count === size) full.resolve();
    return full.promise;
  };
}

test('an upload that is refused is another attempt, and in the end shown as what it is; never a success', async () => {
  await using s3 = await openTestS3();
  const { farm, settings, address } = await openFarm(s3);
  await using _farm = farm;
  await using runner = await farm.startRunner({ ...settings, maxRetries: 2, retryInterval: 1 });
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  let refusalsLeft = 3;
  s3.inject((request) =>
    kindOf(request) === 'PUT nar' && refusalsLeft-- > 0 ? 'not-implemented' : null,
  );
  const endOf = async (name: string): Promise<[number, ...string[]]> => {
    const { build } = await farm.queue(name, `echo ${name} > $out`);
    const status = await farm.statusOf(build);
    const steps = await farm.steps(build);
    return [status, ...steps.map((step) => `${step.status} ${step.message ?? ''}`)];
  };
  const refused = /^3 outputs could not be handed over: PUT http.*: 501 NotImplemented$/;
  const [lucky, ...itsSteps] = await endOf('lucky');
  assert.deepEqual([lucky, itsSteps[1]], [0, '0 ']);
  assert.match(itsSteps[0] ?? '', refused);
  refusalsLeft = Infinity;
  const [hopeless, ...others] = await endOf('hopeless');
  assert.deepEqual([hopeless, others.length], [3, 2]);
  for (const step of others) assert.match(step, refused);
  assert.equal(await verify(address), 1);
});

test('what builders of an earlier runner have begun in parts is aborted by the next', async () => {
  await using s3 = await openTestS3();
  const { farm, settings, address } = await openFarm(s3);
  await using _farm = farm;
  using cache = openBinaryCache(parseCacheAddress(address));
  const { objects } = cache;
  assert.ok(objects instanceof S3Store);
  const upload = await createMultipart(objects.client, 'nar/left.nar.zst', {});
  await prepareOwnSchema(farm.database);
  await insertMultipart(farm.database, { store: address, ...upload });
  await using _runner = await farm.startRunner(settings);
  await until(async () => (await readMultiparts(farm.database)).length === 0);
  assert.equal(await s3.openUploads(), 0);
});
