import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { computeHash, dumpNar, fromUtf8, parseBaseName, printNar } from '@iolaus/nix';
import type { Narinfo, PathInfo } from '@iolaus/nix';
import type { FinishedUpload, UploadGrant } from '../../../protocol/direct-upload.ts';
import { openUploadScene } from './testing/upload-scene.ts';
import type { UploadScene } from './testing/upload-scene.ts';

const offer = ({ path, narHash, narSize }: PathInfo) => ({
  path,
  narHash,
  narSize,
  debugBuildIds: [],
});

const uploader = ({ live, machine }: UploadScene) => ({
  attempt: live.uuid,
  machine,
  compressions: [],
});

async function ask(scene: UploadScene, info: PathInfo): Promise<UploadGrant> {
  const [grant] = await scene.uploads.grant(
    { ...uploader(scene), archives: [offer(info)] },
    scene.live.builder,
  );
  return grant ?? assert.fail('it is not granted');
}

const put = (url: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'PUT', headers, body });

function claim(scene: UploadScene, info: PathInfo, change: Partial<Narinfo> = {}): FinishedUpload {
  const file = { fileHash: null, fileSize: null, compression: 'none' };
  return {
    ...uploader(scene),
    narinfo: { ...info, ...file, url: '', ...change },
    multipart: null,
    alreadyPresent: false,
    bucket: null,
  };
}

const finish = (scene: UploadScene, info: PathInfo, change: Partial<Narinfo>): Promise<void> =>
  scene.uploads.finish(claim(scene, info, change), scene.live.builder);

const shown = async ({ s3 }: UploadScene): Promise<string[]> =>
  (await s3.keys()).filter((key) => key.endsWith('.narinfo'));

test("another builder's attempt is nobody's to publish for", async () => {
  await using scene = await openUploadScene({ largeBytes: 10 });
  const attempt = scene.rival().live.uuid;
  const archives = [offer(scene.infos.small)];
  const asked = scene.uploads.grant({ ...uploader(scene), attempt, archives }, scene.live.builder);
  await assert.rejects(asked, /another builder's/);
});

test('what is no output of the attempt is neither granted nor signed', async () => {
  await using scene = await openUploadScene({ largeBytes: 10 });
  const path = parseBaseName(`${'1'.repeat(32)}-glibc`);
  const other = { ...scene.infos.small, path };
  const archives = [offer(other), offer(scene.infos.small)];
  const granted = await scene.uploads.grant({ ...uploader(scene), archives }, scene.live.builder);
  assert.deepEqual(
    granted.map((one) => one.path),
    [scene.infos.small.path],
  );
  const [{ url } = assert.fail()] = granted;
  const finished = finish(scene, other, { url });
  await assert.rejects(finished, /nobody asked for/);
  assert.deepEqual(await shown(scene), []);
});

test('what is not what its name says is deleted, and an honest builder can put it then', async () => {
  await using scene = await openUploadScene({ largeBytes: 10 });
  const { small } = scene.infos;
  const { url, archive } = await ask(scene, small);
  assert.equal((await put(archive.url, 'planted', { 'if-none-match': '*' })).status, 200);
  await assert.rejects(finish(scene, small, { url }), {
    status: 'invalid-argument',
  });
  assert.ok(!(await scene.s3.keys()).includes(url));
  assert.deepEqual(await shown(scene), []);
  await scene.upload();
  assert.equal(await scene.verify(), 2);
});

test('a false size gets no signature, and takes no good archive away', async () => {
  await using scene = await openUploadScene({ largeBytes: 10 });
  const { small } = scene.infos;
  const lie = { ...small, narSize: small.narSize + 1 };
  const { url, archive } = await ask(scene, lie);
  const chunks: Uint8Array[] = [];
  for await (const chunk of dumpNar(join(scene.folder, small.path))) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  await fetch(archive.url, { method: 'PUT', headers: { 'if-none-match': '*' }, body });
  await assert.rejects(finish(scene, lie, { url }), /bytes, not/);
  assert.deepEqual(await shown(scene), []);
  assert.ok((await scene.s3.keys()).includes(url));
});

test('what is there cannot be replaced by an address that was given', async () => {
  await using scene = await openUploadScene({ largeBytes: 10 });
  const { archive } = await ask(scene, scene.infos.small);
  await scene.upload();
  assert.equal((await put(archive.url, 'planted', { 'if-none-match': '*' })).status, 412);
  // S3 says that the signature is another; MinIO that a header is missing.
  assert.match(String((await put(archive.url, 'planted')).status), /^40[03]$/);
  assert.equal(await scene.verify(), 2);
});

test('a path is not signed without what it is said to need', async () => {
  await using scene = await openUploadScene({ largeBytes: 10 });
  const { small, large } = scene.infos;
  await assert.rejects(scene.upload([large]), new RegExp(`needs ${small.path}`));
  assert.deepEqual(await shown(scene), []);
});

test('references are what the archive has of them, no more and no less', async () => {
  await using scene = await openUploadScene({ largeBytes: 10 });
  const { small, large } = scene.infos;
  const less = scene.upload([small, { ...large, references: [] }]);
  await assert.rejects(less, new RegExp(`refers to ${small.path}, which is not said`));
  const more = scene.upload([small, { ...large, references: [small.path, large.path] }]);
  await assert.rejects(more, new RegExp(`does not refer to ${large.path}`));
  assert.equal((await shown(scene)).length, 1);
  await scene.upload();
  assert.equal(await scene.verify(), 2);
});

test('who has lost the attempt publishes nothing more', async () => {
  await using scene = await openUploadScene({ largeBytes: 10 });
  const { small } = scene.infos;
  const { url } = await ask(scene, small);
  scene.uploads.end(scene.live);
  await assert.rejects(finish(scene, small, { url }));
  assert.deepEqual(await shown(scene), []);
});

test('content-addressed outputs are signed at the path that their contents lead to, and nowhere else', async () => {
  await using scene = await openUploadScene({ largeBytes: 10, floating: true });
  const { small } = scene.infos;
  const chunks: Uint8Array[] = [];
  const file = { type: 'regular', name: fromUtf8(''), executable: false, size: 7 } as const;
  const events = [file, { type: 'contents', bytes: Buffer.from('planted') } as const];
  for await (const chunk of printNar(events)) chunks.push(chunk);
  const nar = Buffer.concat(chunks);
  const planted = { ...small, narHash: computeHash('sha256', nar), narSize: nar.length };
  const { url, archive } = await ask(scene, planted);
  await put(archive.url, nar.toString('latin1'), { 'if-none-match': '*' });
  await assert.rejects(finish(scene, planted, { url }), /not what its path says/);
  assert.deepEqual(await shown(scene), []);
  await scene.upload();
  assert.equal(await scene.verify(), 2);
});
