import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { ask } from './testing/ask.ts';
import { serveScene } from './testing/serve-scene.ts';
import type { ServedScene } from './testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('files of the page', () => {
  let folder: string;
  let served: ServedScene;
  const script = 'console.log("a script");\n'.repeat(100);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'page-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>The page</title>');
    await writeFile(join(folder, 'assets', 'index-abc123.js'), script);
    await writeFile(join(folder, 'notes.secret'), 'not for the web');
    served = await serveScene({ pageDirectory: folder });
  });
  after(async () => {
    await served[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('the page is found at every address that it knows', async () => {
    for (const path of ['/', '/?status=failed', '/builds/12', '/builds/12/steps/3']) {
      const { status, text, headers } = await ask(served.server.url, path);
      assert.equal(status, 200, path);
      assert.match(text, /The page/, path);
      assert.equal(headers['cache-control'], 'no-cache');
    }
  });

  test('the page says itself that there is nothing, with a status for others', async () => {
    for (const path of [
      '/nowhere',
      '/builds/12/steps',
      '/assets/old-version.js',
      '/notes.secret',
      '/../etc/passwd',
    ]) {
      const { status, text } = await ask(served.server.url, path);
      assert.equal(status, 404, path);
      assert.match(text, /The page/, path);
    }
  });

  test('the page may run its own scripts only', async () => {
    const { headers } = await ask(served.server.url, '/');
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'; script-src 'self'/);
    assert.doesNotMatch(policy, /unsafe-eval|script-src[^;]*unsafe-inline|https?:/);
  });

  test('files whose name tells their content are kept by browsers for ever', async () => {
    const { headers } = await ask(served.server.url, '/assets/index-abc123.js');
    assert.match(String(headers['cache-control']), /immutable/);
  });

  test('a browser that has the page already is not sent it again', async () => {
    const first = await ask(served.server.url, '/');
    const tag = String(first.headers.etag);
    const second = await ask(served.server.url, '/', { headers: { 'if-none-match': tag } });
    assert.equal(second.status, 304);
    assert.equal(second.body.length, 0);
  });

  test('files are sent as small as the browser understands', async () => {
    const get = (encodings: string) =>
      ask(served.server.url, '/assets/index-abc123.js', {
        headers: { 'accept-encoding': encodings },
      });
    assert.equal(brotliDecompressSync((await get('gzip, deflate, br')).body).toString(), script);
    assert.equal(gunzipSync((await get('gzip')).body).toString(), script);
    assert.equal((await get('')).text, script);
  });

  test('a page that was not built says how to build it, and the rest answers', async () => {
    await using unbuilt = await serveScene({ pageDirectory: join(folder, 'nothing') });
    const { status, text } = await ask(unbuilt.server.url, '/');
    assert.equal(status, 500);
    assert.match(text, /npm run build --workspace @iolaus\/web/);
    assert.equal((await ask(unbuilt.server.url, '/api/v2/builds/counts')).status, 200);
  });
});
