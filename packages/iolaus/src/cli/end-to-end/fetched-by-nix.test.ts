import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  generateSecretKey,
  parseListingFile,
  parseStorePath,
  printListingFile,
  printPublicKey,
  printSecretKey,
  publicKeyOf,
} from '@iolaus/nix';
import { findNewerNix } from '@iolaus/nix/testing';
import { readObject } from '../../cache/read-object.ts';
import { openClientStore } from '../../cache/testing/client-store.ts';
import type { ClientStore } from '../../cache/testing/client-store.ts';
import { showBucket } from '../../cache/testing/show-bucket.ts';
import { openTestS3 } from '../../cache/testing/test-s3.ts';
import { readUploads } from '../../database/uploads.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

/** This machine's, and newer ones where they can be had. */
const newer = [await findNewerNix(), await findNewerNix('sid')].filter((nix) => nix !== null);
const folders = [undefined, ...newer.map(({ folder }) => folder)];

/** Of a length that Nix's own writer knows. */
const symbols = `${'cd'.repeat(19)}.debug`;

/** `app` needs what is in `lib`, and so does `moved`, whose path follows from what is in it; `bad` fails. */
const set = `let
  lib = run "lib" ''
    mkdir -p $out/lib/debug/.build-id/ab
    echo of the lib > $out/file
    echo symbols > $out/lib/debug/.build-id/ab/${symbols}
    echo run > $out/program
    chmod +x $out/program
    ln -s program $out/other
  '' {};
  floating = { __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; };
in {
  app = run "app" "echo app \${lib}; cat \${lib}/file > $out; echo \${lib} >> $out" {};
  bad = run "bad" "echo why; exit 1" {};
  moved = run "moved" "cat \${lib}/file > $out; echo \${lib} >> $out" floating;
}`;

/** Has a farm build and publish the set. */
async function openPublished({ builderUploads }: { readonly builderUploads: boolean }) {
  await using opening = new AsyncDisposableStack();
  const s3 = opening.use(await openTestS3());
  Object.assign(process.env, s3.environment);
  const farm = opening.use(await openLiveFarm());
  const secret = generateSecretKey('farm-1');
  await writeFile(join(farm.folder, 'key'), printSecretKey(secret));
  const place = `store=${farm.daemon.address.storeDirectory}&secret-key=${join(farm.folder, 'key')}`;
  const remoteStoreAddr = [
    `${s3.address}&${place}&compression=none&write-nar-listing=1&index-debug-info=1`,
  ];
  {
    await using runner = await farm.startRunner({
      remoteStoreAddr,
      usePresignedUploads: builderUploads,
    });
    await using _builder = await farm.startBuilder(runner.endpoint, { apart: builderUploads });
    for (const [job, { build }] of Object.entries(await farm.queueAll(set)))
      assert.equal(await farm.statusOf(build), job === 'bad' ? 1 : 0, job);
    await until(async () => (await readUploads(farm.database, 'all')).length === 0);
  }
  const shown = opening.use(await showBucket(s3.objects));
  const open = opening.move();
  return {
    farm,
    s3,
    shown,
    publicKey: printPublicKey(publicKeyOf(secret)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

type Published = Awaited<ReturnType<typeof openPublished>>;

async function pathOf({ database }: LiveFarm, job: string): Promise<string> {
  const [row] = await database.query<{ path: string }>(
    'select path from buildoutputs o join builds b on b.id = o.build where b.job = $1',
    [job],
  );
  return row?.path ?? assert.fail();
}

/** Gives a client the derivation of a job, and nothing that it makes. */
async function giveDerivation(
  { farm }: Published,
  client: ClientStore,
  job: string,
): Promise<string> {
  const [row] = await farm.database.query<{ path: string }>(
    'select drvpath as path from builds where job = $1',
    [job],
  );
  const path = row?.path ?? assert.fail();
  const from = `unix://${farm.daemon.address.socketPath}`;
  await client.run('nix', 'copy', '--no-check-sigs', '--derivation', '--from', from, path);
  return path;
}

const openClient = (
  { farm: { daemon }, publicKey }: Published,
  substituter: string,
  programs?: string,
) => openClientStore({ daemon, substituter, publicKey, programs });

/** Whether it was made with S3 in it. */
async function knowsS3(published: Published, programs?: string): Promise<boolean> {
  await using client = await openClient(published, '', programs);
  const pinged = client.run('nix', 'store', 'ping', '--store', published.shown.s3);
  return await pinged.then(
    () => true,
    (error: unknown) => !/know how to open/.test(String(error)),
  );
}

async function assertFetched(
  published: Published,
  substituter: string,
  programs?: string,
): Promise<void> {
  const { farm } = published;
  const { storeDirectory } = farm.daemon.address;
  const app = await pathOf(farm, 'app');
  await using realising = await openClient(published, substituter, programs);
  await realising.run('nix-store', '--realise', app);
  assert.match(await realising.read(parseStorePath(storeDirectory, app)), /^of the lib\n.*-lib\n$/);
  await using copying = await openClient(published, '', programs);
  await copying.run('nix', 'copy', '--from', substituter, app);
  assert.match(await copying.read(parseStorePath(storeDirectory, app)), /^of the lib/);
}

/** Of a derivation alone, which nobody may build, the cache tells what it came to. */
async function assertFound(
  published: Published,
  substituter: string,
  programs?: string,
): Promise<void> {
  await using client = await openClient(published, substituter, programs);
  const derivation = await giveDerivation(published, client, 'moved');
  const realised = await client.run('nix-store', '--realise', derivation);
  assert.equal(realised, await pathOf(published.farm, 'moved'));
}

/** Of what failed, too. */
async function assertLogRead(published: Published, programs?: string): Promise<void> {
  await using client = await openClient(published, published.shown.http, programs);
  for (const [job, said] of Object.entries({ app: /^app .*-lib$/, bad: /^why$/ })) {
    const derivation = await giveDerivation(published, client, job);
    assert.match(await client.run('nix', 'log', derivation), said);
  }
}

/**
 * Listings and debug links are byte for byte what Nix writes when it publishes the same, listings in the form of its
 * version: ours have that of 2.35.
 */
async function assertSameAsNix({ farm, s3 }: Published, programs?: string): Promise<void> {
  const folder = join(farm.folder, `nix-${programs?.length ?? 0}`);
  const { environment } = farm.daemon;
  const nix = programs === undefined ? 'nix' : join(programs, 'nix');
  const to = `file://${folder}?compression=none&write-nar-listing=true&index-debug-info=true`;
  await promisify(execFile)(nix, ['copy', '--to', to, await pathOf(farm, 'app')], {
    env: environment,
  });
  const written = (await readdir(folder, { recursive: true })).filter((name) =>
    /\.ls$|^debuginfo\//.test(name),
  );
  assert.equal(written.length, 3);
  for (const name of written) {
    const ours = (await readObject(s3.objects, name)) ?? assert.fail(name);
    const dialect = programs === undefined ? '2.8' : '2.34';
    const same = name.endsWith('.ls') ? printListingFile(parseListingFile(ours), dialect) : ours;
    assert.equal(same.toString(), await readFile(join(folder, name), 'utf8'), name);
  }
}

for (const builderUploads of [false, true])
  test(`Nix fetches what ${builderUploads ? 'builders' : 'the runner'} published from S3, and believes our key alone`, async () => {
    await using published = await openPublished({ builderUploads });
    for (const programs of folders) {
      await assertFetched(published, published.shown.http, programs);
      await assertFound(published, published.shown.http, programs);
      await assertLogRead(published, programs);
      await assertSameAsNix(published, programs);
      if (await knowsS3(published, programs))
        await assertFetched(published, published.shown.s3, programs);
    }
    const stranger = printPublicKey(publicKeyOf(generateSecretKey('farm-1')));
    await assert.rejects(
      assertFetched({ ...published, publicKey: stranger }, published.shown.http),
      /is not signed by any of the keys/,
    );
  });
