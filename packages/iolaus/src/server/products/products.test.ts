import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Answer as ApiAnswer } from '../../api/contract.ts';
import type { BuildId } from '../../farm/identity.ts';
import { ask, askJson } from '../testing/ask.ts';
import type { Answer } from '../testing/ask.ts';
import { outputOf, storeHash } from '../testing/scene.ts';
import { serveScene } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

// In a suite, so that the server is gone before its database.
suite('products of builds', () => {
  let served: ServedScene;
  /** The build whose products are asked for, and the address of its products. */
  let build: BuildId;
  let address: string;

  const hostilePage = '<script>fetch("/api/v2/builds")</script><h1>A manual</h1>';
  const productPaths = ['page.html', 'data.bin', 'doc', 'listed', 'out-link', 'gone', 'ü (1).txt'];

  before(async () => {
    served = await serveScene();
    const { scene, storeDirectory, folder } = served;
    const root = join(storeDirectory, `${storeHash}-result`);
    await mkdir(join(root, 'doc', 'chapter'), { recursive: true });
    await mkdir(join(root, 'listed', 'sub'), { recursive: true });
    await writeFile(join(root, 'page.html'), hostilePage);
    await writeFile(join(root, 'data.bin'), Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]));
    await writeFile(join(root, 'ü (1).txt'), 'text');
    await writeFile(join(root, 'doc', 'index.html'), 'index');
    await writeFile(join(root, 'doc', 'chapter', 'one.html'), 'chapter one');
    await writeFile(join(root, 'listed', '<img src=x>.txt'), 'odd name');
    await writeFile(join(folder, 'secret'), 'secret');
    await symlink('../../secret', join(root, 'out-link'));
    await symlink('../../../secret', join(root, 'listed', 'link'));
    await symlink('../page.html', join(root, 'listed', 'fine-link.html'));
    build = (await scene.queue(['result']))[0] ?? assert.fail();
    await scene.finishBuild(build, 'succeeded');
    await scene.showResults({
      build,
      outputs: new Map(),
      products: productPaths.map((name) => ({
        type: 'file',
        subtype: '',
        path: `${outputOf('result')}/${name}`,
        name,
        defaultPath: name === 'doc' ? 'chapter/one.html' : '',
        fileSize: name.includes('.') ? 8 : null,
        sha256: null,
      })),
      metrics: [],
    });
    address = `/build/${build}/download`;
  });
  after(() => served[Symbol.asyncDispose]());

  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    ask(served.server.url, `${address}/${path}`, { headers });

  test('a build tells where its products are, and of which there is nothing to get', async () => {
    const { products } = await askJson<ApiAnswer<'readBuild'>>(
      served.server.url,
      `/api/v2/builds/${build}`,
    );
    assert.deepEqual(
      products.map(({ href }) => href),
      [
        `${address}/1/page.html`,
        `${address}/2/data.bin`,
        `${address}/3/chapter/one.html`,
        `${address}/4/`,
        null,
        null,
        `${address}/7/%C3%BC%20(1).txt`,
      ],
    );
    for (const { href } of products) {
      if (href !== null) assert.equal((await ask(served.server.url, href)).status, 200, href);
    }
  });

  test('a page of a build is shown, but no script of it runs and no origin is its own', async () => {
    const { text, headers } = await get('1/page.html');
    assert.equal(text, hostilePage);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.match(String(headers['content-disposition']), /^inline;/);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /(^|; )sandbox($|;)/);
    assert.doesNotMatch(policy, /allow-|script-src/);
    assert.match(policy, /default-src 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
  });

  test('a file that no browser should show is saved under its name', async () => {
    const data = await get('2/data.bin');
    assert.deepEqual([...data.body], [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.equal(data.headers['content-type'], 'application/octet-stream');
    assert.equal(data.headers['content-disposition'], "attachment; filename*=UTF-8''data.bin");
    const odd = await get('7');
    assert.equal(
      odd.headers['content-disposition'],
      "inline; filename*=UTF-8''%C3%BC%20%281%29.txt",
    );
  });

  test('a download that broke off can be taken up again', async () => {
    const rest = await get('2/data.bin', { range: 'bytes=6-' });
    assert.equal(rest.status, 206);
    assert.deepEqual([...rest.body], [6, 7]);
    assert.equal(rest.headers['content-range'], 'bytes 6-7/8');
  });

  test('a folder shows its index, or what is in it', async () => {
    assert.equal((await get('3')).headers.location, `${address}/3/`);
    assert.equal((await get('3/')).headers.location, `${address}/3/index.html`);
    assert.equal((await get('3/index.html')).text, 'index');
    assert.equal((await get('3/chapter')).headers.location, `${address}/3/chapter/`);
    const listing = await get('4/');
    assert.equal(listing.status, 200);
    assert.match(listing.text, /<a href="\.\/sub\/">sub\/<\/a>/);
    assert.match(listing.text, /&lt;img src=x&gt;\.txt<\/a>/);
    assert.doesNotMatch(listing.text, /<img/);
    assert.match(String(listing.headers['content-security-policy']), /sandbox/);
    assert.equal((await get('4/%3Cimg%20src%3Dx%3E.txt')).text, 'odd name');
    assert.equal((await get('4/fine-link.html')).text, hostilePage);
  });

  test('no address leads out of the store path', async () => {
    for (const path of [
      '4/../../../../../secret',
      '4/..%2f..%2f..%2fsecret',
      '4/%2e%2e/%2e%2e/%2e%2e/secret',
      '4/%2e%2e%2f%2e%2e%2f%2e%2e%2fsecret',
      '4/sub/..%2f..%2fpage.html',
      '4//etc/passwd',
      '4/%2fetc%2fpasswd',
      '4/link',
      '4/sub%00',
      '4/%',
      '5/out-link',
      '5',
      '6/gone',
      '3/nothing',
      '3/index.html/deeper',
    ]) {
      const { status, text } = await get(path);
      assert.ok(status === 404 || status === 400, `${path}: ${status}`);
      assert.doesNotMatch(text, /^secret|root:/, path);
    }
  });

  test('a product is found by its name, and by its type, too', async () => {
    assert.equal((await get('data.bin')).body.length, 8);
    const url = `/build/${build}/download-by-type/file/none`;
    const folder = await ask(served.server.url, `${url}/`);
    assert.equal(folder.status, 404);
    assert.match(folder.text, /has no such product/);
  });

  test('of a build that is hidden no product is given out', async () => {
    await served.database.query('update projects set hidden = 1');
    assert.equal((await get('1/page.html')).status, 404);
  });
});
