import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parseBaseName, storeDirectory } from '@iolaus/nix';
import { combineNixSupport, readNixSupport } from './nix-support.ts';
import type { NixSupport } from './nix-support.ts';

const out = parseBaseName('00000000000000000000000000000000-thing-1.0');
const dev = parseBaseName('11111111111111111111111111111111-thing-1.0-dev');
const secret = 'the-token-of-the-builder';

/** A store in a temporary folder, with an output `out` that is a folder. */
class Scene implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'support-'));
  readonly store = storeDirectory(join(this.folder, 'store'));
  readonly out = join(this.store, out);

  constructor() {
    mkdirSync(this.out, { recursive: true });
    writeFileSync(join(this.folder, 'secret'), secret);
  }

  /** Writes a file of the output `out`. */
  write(path: string, content: string | Uint8Array): void {
    const file = join(this.out, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  link(path: string, target: string): void {
    const file = join(this.out, path);
    mkdirSync(dirname(file), { recursive: true });
    symlinkSync(target, file);
  }

  announce(...lines: readonly string[]): void {
    this.write('nix-support/hydra-build-products', lines.map((line) => `${line}\n`).join(''));
  }

  async read(): Promise<NixSupport> {
    const supports = await readNixSupport(this.store, new Map([['out', out]]));
    const support = supports.get('out');
    assert.ok(support);
    return support;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

test('an output without nix-support is its own product', async () => {
  using scene = new Scene();
  assert.deepEqual(await scene.read(), {
    failed: false,
    releaseName: null,
    metrics: [],
    products: [
      {
        type: 'nix-build',
        subtype: '',
        storePath: out,
        subPath: '',
        defaultPath: '',
        name: 'thing-1.0',
        isRegularFile: false,
        fileSize: null,
        sha256: null,
      },
    ],
  });
});

test('an output that is a single file has no product of its own', async () => {
  using scene = new Scene();
  rmSync(scene.out, { recursive: true });
  writeFileSync(scene.out, 'x');
  assert.deepEqual((await scene.read()).products, []);
});

test('the default product of another output than out is named after it', async () => {
  using scene = new Scene();
  mkdirSync(join(scene.store, dev));
  const supports = await readNixSupport(scene.store, new Map([['dev', dev]]));
  const [product] = supports.get('dev')?.products ?? [];
  assert.equal(product?.subtype, 'dev');
  assert.equal(product.name, 'thing-1.0-dev');
});

test('a file that is announced is a product with size and hash', async () => {
  using scene = new Scene();
  scene.write('iso/thing.iso', 'contents');
  scene.announce(`file iso ${scene.out}/iso/thing.iso`);
  assert.deepEqual((await scene.read()).products, [
    {
      type: 'file',
      subtype: 'iso',
      storePath: out,
      subPath: 'iso/thing.iso',
      defaultPath: '',
      name: 'thing.iso',
      isRegularFile: true,
      fileSize: 8,
      sha256: sha256('contents'),
    },
  ]);
});

test('a file is hashed to its end, however large', async () => {
  using scene = new Scene();
  const content = Buffer.alloc(700_000, 'abc');
  scene.write('large', content);
  scene.announce(`file data ${scene.out}/large`);
  const [product] = (await scene.read()).products;
  assert.equal(product?.sha256, sha256(content));
  assert.equal(product.fileSize, content.length);
});

test('hashing stops when it is not wanted any more', async () => {
  using scene = new Scene();
  scene.write('large', Buffer.alloc(700_000));
  scene.announce(`file data ${scene.out}/large`);
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(readNixSupport(scene.store, new Map([['out', out]]), { signal }), /enough/);
});

test('a folder that is announced is a product with its first page, without size or hash', async () => {
  using scene = new Scene();
  scene.write('doc/index.html', 'x');
  scene.announce(`doc manual ${scene.out}/doc index.html`, `doc manual ${scene.out}`);
  const [folder, whole] = (await scene.read()).products;
  assert.equal(folder?.defaultPath, 'index.html');
  assert.equal(folder.isRegularFile, false);
  assert.equal(folder.sha256, null);
  assert.equal(whole?.subPath, '');
  assert.equal(whole.name, '');
});

test('a product may lie in another output of the same build', async () => {
  using scene = new Scene();
  mkdirSync(join(scene.store, dev));
  writeFileSync(join(scene.store, dev, 'file'), 'x');
  scene.announce(`file x ${scene.store}/${dev}/file`);
  const supports = await readNixSupport(
    scene.store,
    new Map([
      ['dev', dev],
      ['out', out],
    ]),
  );
  assert.equal(supports.get('out')?.products[0]?.storePath, dev);
});

test('a product in a store object that is no output of the build is left out', async () => {
  using scene = new Scene();
  mkdirSync(join(scene.store, dev));
  writeFileSync(join(scene.store, dev, 'file'), 'x');
  scene.announce(`file x ${scene.store}/${dev}/file`);
  assert.deepEqual((await scene.read()).products, []);
});

test('products that are not there are left out', async () => {
  using scene = new Scene();
  scene.write('file', 'x');
  scene.announce(`file x ${scene.out}/nothing`, `file x ${scene.out}/file/below`);
  assert.deepEqual((await scene.read()).products, []);
});

test('announcing nothing, or nothing good, leaves an output without products', async () => {
  using scene = new Scene();
  scene.announce();
  assert.deepEqual((await scene.read()).products, []);
  scene.write('nix-support/hydra-build-products', Buffer.from([0x66, 0xff, 0xfe]));
  assert.deepEqual((await scene.read()).products, []);
});

test('a name with odd characters is emptied', async () => {
  using scene = new Scene();
  scene.write('a<b>.txt', 'x');
  scene.announce(`file x "${scene.out}/a<b>.txt"`);
  const [product] = (await scene.read()).products;
  assert.equal(product?.name, '');
  assert.equal(product.subPath, 'a<b>.txt');
});

test('a first page that leads out of its product is not taken', async () => {
  using scene = new Scene();
  scene.announce(`doc manual ${scene.out} ../../etc/passwd`);
  assert.equal((await scene.read()).products[0]?.defaultPath, '');
});

test('not more than a thousand products are taken', async () => {
  using scene = new Scene();
  scene.write('file', 'x');
  scene.announce(...Array<string>(1_001).fill(`file x ${scene.out}/file`));
  assert.equal((await scene.read()).products.length, 1_000);
});

test('release name, metrics and the failed marker are read', async () => {
  using scene = new Scene();
  scene.write('nix-support/hydra-release-name', 'thing-1.0\n');
  scene.write('nix-support/hydra-metrics', 'lines 42\nspeed 1.5 MB/s\n');
  scene.write('nix-support/failed', '');
  const { failed, releaseName, metrics } = await scene.read();
  assert.equal(failed, true);
  assert.equal(releaseName, 'thing-1.0');
  assert.deepEqual(metrics, [
    { name: 'lines', value: 42, unit: null },
    { name: 'speed', value: 1.5, unit: null },
  ]);
});

for (const name of ['foo <b>', 'two words', 'a\nb', '', 'ä', 'x'.repeat(256)]) {
  test(`${JSON.stringify(name.slice(0, 10))} is no release name`, async () => {
    using scene = new Scene();
    scene.write('nix-support/hydra-release-name', name);
    assert.equal((await scene.read()).releaseName, null);
  });
}

test('what is not UTF-8 is no release name and no metric', async () => {
  using scene = new Scene();
  scene.write('nix-support/hydra-release-name', Buffer.from('caf\xe9', 'latin1'));
  scene.write('nix-support/hydra-metrics', Buffer.from('x 1\n\xe9 2', 'latin1'));
  const { releaseName, metrics } = await scene.read();
  assert.equal(releaseName, null);
  assert.deepEqual(metrics, []);
});

test('a release name that is a link to a secret tells nothing', async () => {
  using scene = new Scene();
  scene.link('nix-support/hydra-release-name', join(scene.folder, 'secret'));
  assert.equal((await scene.read()).releaseName, null);
});

test('metrics and products that are links are not read', async () => {
  using scene = new Scene();
  writeFileSync(join(scene.folder, 'metrics'), 'x 1\n');
  writeFileSync(join(scene.folder, 'products'), `file x ${scene.out}/file\n`);
  scene.write('file', 'x');
  scene.link('nix-support/hydra-metrics', join(scene.folder, 'metrics'));
  scene.link('nix-support/hydra-build-products', join(scene.folder, 'products'));
  const { metrics, products } = await scene.read();
  assert.deepEqual(metrics, []);
  assert.deepEqual(
    products.map(({ type }) => type),
    ['nix-build'],
  );
});

test('a folder nix-support that is a link is not entered', async () => {
  using scene = new Scene();
  mkdirSync(join(scene.folder, 'elsewhere'));
  writeFileSync(join(scene.folder, 'elsewhere/failed'), '');
  writeFileSync(join(scene.folder, 'elsewhere/hydra-release-name'), 'stolen');
  scene.link('nix-support', join(scene.folder, 'elsewhere'));
  const { failed, releaseName } = await scene.read();
  assert.equal(failed, false);
  assert.equal(releaseName, null);
});

test('an output that is a link is not followed', async () => {
  using scene = new Scene();
  rmSync(scene.out, { recursive: true });
  mkdirSync(join(scene.folder, 'elsewhere/nix-support'), { recursive: true });
  writeFileSync(join(scene.folder, 'elsewhere/nix-support/hydra-release-name'), 'stolen');
  symlinkSync(join(scene.folder, 'elsewhere'), scene.out);
  const { releaseName, products } = await scene.read();
  assert.equal(releaseName, null);
  assert.deepEqual(
    products.map(({ type }) => type),
    ['nix-build'],
  );
});

test('a product that is a link to a secret has neither size nor hash', async () => {
  using scene = new Scene();
  scene.link('file', join(scene.folder, 'secret'));
  scene.announce(`file x ${scene.out}/file`);
  const [product] = (await scene.read()).products;
  assert.equal(product?.isRegularFile, false);
  assert.equal(product.fileSize, null);
  assert.equal(product.sha256, null);
});

test('a product behind a link is left out', async () => {
  using scene = new Scene();
  scene.link('folder', scene.folder);
  scene.announce(`file x ${scene.out}/folder/secret`, `file x ${scene.out}/folder/../secret`);
  assert.deepEqual((await scene.read()).products, []);
});

test('a failed marker that is a link, wherever it leads, is a failed marker', async () => {
  using scene = new Scene();
  scene.link('nix-support/failed', '/nowhere');
  assert.equal((await scene.read()).failed, true);
});

test('a link to an endless device is not read', async () => {
  using scene = new Scene();
  scene.link('nix-support/hydra-release-name', '/dev/zero');
  scene.link('nix-support/hydra-metrics', '/dev/zero');
  scene.link('file', '/dev/zero');
  scene.announce(`file x ${scene.out}/file`);
  const { releaseName, metrics, products } = await scene.read();
  assert.equal(releaseName, null);
  assert.deepEqual(metrics, []);
  assert.equal(products[0]?.sha256, null);
});

test('a pipe that nobody writes to does not hold up the reader', async () => {
  using scene = new Scene();
  mkdirSync(join(scene.out, 'nix-support'));
  for (const name of ['hydra-release-name', 'hydra-metrics', 'hydra-build-products']) {
    execFileSync('mkfifo', [join(scene.out, 'nix-support', name)]);
  }
  const { releaseName, metrics, products } = await scene.read();
  assert.equal(releaseName, null);
  assert.deepEqual(metrics, []);
  assert.equal(products.length, 1);
});

test('a pipe is no product', async () => {
  using scene = new Scene();
  execFileSync('mkfifo', [join(scene.out, 'pipe')]);
  scene.announce(`file x ${scene.out}/pipe`);
  assert.deepEqual((await scene.read()).products, []);
});

test('a file of 16 MiB is read, a larger one is not', async () => {
  using scene = new Scene();
  const limitBytes = 16 * 1024 * 1024;
  const file = join(scene.out, 'nix-support/hydra-release-name');
  scene.write('nix-support/hydra-release-name', `thing${' '.repeat(limitBytes - 5)}`);
  assert.equal((await scene.read()).releaseName, 'thing');
  writeFileSync(file, `thing${' '.repeat(limitBytes - 4)}`);
  assert.equal((await scene.read()).releaseName, null);
});

test('a file of a terabyte costs nothing', async () => {
  using scene = new Scene();
  scene.write('nix-support/hydra-build-products', '');
  truncateSync(join(scene.out, 'nix-support/hydra-build-products'), 2 ** 40);
  assert.deepEqual((await scene.read()).products, []);
});

test('an output that is not there is an error', async () => {
  using scene = new Scene();
  await assert.rejects(
    readNixSupport(scene.store, new Map([['dev', dev]])),
    /11111111111111111111111111111111-thing-1\.0-dev is not there/,
  );
});

test('a store that lies elsewhere than its paths say is read where it lies', async () => {
  using scene = new Scene();
  scene.write('file', 'x');
  scene.write('nix-support/hydra-build-products', `file x /nix/store/${out}/file\n`);
  const outputs = new Map([['out', out]]);
  const options = { physicalDirectory: scene.store };
  const supports = await readNixSupport(storeDirectory('/nix/store'), outputs, options);
  assert.equal(supports.get('out')?.products[0]?.subPath, 'file');
});

test('no file stays open', async () => {
  using scene = new Scene();
  scene.write('deep/er/file', 'x');
  scene.announce(`file x ${scene.out}/deep/er/file`, `file x ${scene.out}/deep/nothing/file`);
  scene.write('nix-support/failed', '');
  const before = readdirSync('/proc/self/fd').length;
  await scene.read();
  assert.equal(readdirSync('/proc/self/fd').length, before);
});

test('together, outputs count in the order of their names', () => {
  const empty: NixSupport = { failed: false, releaseName: null, products: [], metrics: [] };
  const metric = (value: number) => ({ name: 'x', value, unit: null });
  const combined = combineNixSupport(
    new Map([
      ['out', { ...empty, releaseName: 'last', metrics: [metric(2)] }],
      ['dev', { ...empty, failed: true, releaseName: 'first', metrics: [metric(1)] }],
      ['zz', empty],
    ]),
  );
  assert.deepEqual(combined, {
    failedMarker: true,
    releaseName: 'last',
    products: [],
    metrics: [metric(2)],
  });
});
