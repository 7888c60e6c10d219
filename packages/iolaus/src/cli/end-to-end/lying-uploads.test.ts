import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Narinfo, PathInfo } from '@iolaus/nix';
import { parseCacheAddress } from '../../cache/address/parse-address.ts';
import { openBinaryCache } from '../../cache/binary-cache.ts';
import { narinfoKey, readNarinfo } from '../../cache/narinfos/narinfo-object.ts';
import { openTestS3 } from '../../cache/testing/test-s3.ts';
import type { Uploader } from '../../protocol/direct-upload.ts';
import { aPath } from '../../protocol/testing/runner-pair.ts';
import {
  archived,
  forLiars,
  openLiar,
  outputOf,
  refusedAs,
  said,
  successOf,
} from '../../testing/liar.ts';
import { openLiveFarm } from '../../testing/live-farm.ts';

const refused = refusedAs('invalid-argument');

const offered = ({ path, narHash, narSize }: PathInfo) => ({
  path,
  narHash,
  narSize,
  debugBuildIds: [],
});

/** That of an uploader who has put all of it in one piece. */
const finished = (uploader: Uploader, info: PathInfo, change: Partial<Narinfo>) => ({
  ...uploader,
  multipart: null,
  alreadyPresent: false,
  bucket: null,
  narinfo: { ...info, url: '', compression: 'none', fileHash: null, fileSize: null, ...change },
});

test('a hostile builder gets no signature for what it did not build, over a real wire', async (context) => {
  await using s3 = await openTestS3();
  Object.assign(process.env, s3.environment);
  await using farm = await openLiveFarm();
  const { storeDirectory } = farm.daemon.address;
  const address = `${s3.address}&compression=none&store=${storeDirectory}`;
  await using runner = await farm.startRunner({
    remoteStoreAddr: [address],
    usePresignedUploads: true,
  });
  const hold = async (hostname: string) => {
    const liar = openLiar(runner.endpoint, storeDirectory, { hostname });
    const queued = await farm.queue(hostname, 'echo > $out', forLiars);
    const order = await liar.orderOf(queued.derivation);
    const uploader = { attempt: order.attempt, machine: liar.join.machine };
    return { ...liar, ...archived(outputOf(order), hostname), queued, uploader };
  };
  await using sinon = await hold('sinon');
  await using other = await hold('philoctetes');
  const { client, uploader, info, archive } = sinon;
  const ask = async (info: PathInfo, by = sinon) =>
    by.client.requestUploads({ ...by.uploader, archives: [offered(info)], compressions: ['none'] });
  const put = (url: string, body: Uint8Array) =>
    fetch(url, { method: 'PUT', headers: { 'if-none-match': '*' }, body });
  const [grant = assert.fail()] = await ask(info);
  const { url } = grant;

  await context.test("a path that is none of its outputs, another's among them", async () => {
    for (const path of [aPath('glibc'), other.info.path]) {
      assert.deepEqual(await ask({ ...info, path }), []);
      const claim = finished(uploader, { ...info, path }, { url });
      await assert.rejects(client.finishUpload(claim), refused);
    }
  });

  await context.test('an archive that is not what its hash says', async () => {
    assert.equal((await put(grant.archive.url, Buffer.from('planted'))).status, 200);
    await assert.rejects(client.finishUpload(finished(uploader, info, { url })), refused);
    assert.ok(!(await s3.keys()).includes(url));
  });

  await context.test("another attempt's upload, and an upload under another's name", async () => {
    const [theirs = assert.fail()] = await ask(other.info, other);
    await put(theirs.archive.url, other.archive);
    const asThem = finished(other.uploader, other.info, { url: theirs.url });
    const asMyself = finished(uploader, other.info, { url: theirs.url });
    for (const claim of [{ ...asThem, machine: sinon.join.machine }, asMyself])
      await assert.rejects(client.finishUpload(claim), refused);
    const parts = { key: theirs.url, uploadId: 'x', first: 1, count: 1, bucket: null };
    await assert.rejects(client.requestParts({ ...uploader, ...parts }), refused);
  });

  await context.test('references that are not in it', async () => {
    assert.equal((await put(grant.archive.url, archive)).status, 200);
    const claim = finished(uploader, info, { url, references: [aPath('glibc')] });
    await assert.rejects(client.finishUpload(claim), refused);
  });

  // It has asked for what nobody has, and cannot finish before it asks again.
  await ask(info);
  const narinfos = async () => (await s3.keys()).filter((key) => key.endsWith('.narinfo'));
  assert.deepEqual(await narinfos(), []);
  await client.finishUpload(finished(uploader, info, { url }));
  await client.completeBuild(successOf(uploader.attempt, sinon.join, said(info)));
  assert.equal(await farm.statusOf(sinon.queued.build), 0);
  assert.deepEqual(await narinfos(), [narinfoKey(info.path)]);
  using cache = openBinaryCache(parseCacheAddress(address));
  assert.deepEqual((await readNarinfo(cache, narinfoKey(info.path)))?.references, []);
});
