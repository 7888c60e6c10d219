import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { generateSecretKey, printSecretKey } from '@iolaus/nix';
import { compressions } from '../compression/compression.ts';
import { decompress } from '../compression/decompress.ts';
import { openObjectStore } from '../objects/open-object-store.ts';
import { S3Store } from '../objects/s3/s3-store.ts';
import { collect } from '../testing/collect.ts';
import { fakeCredentials, fakeEnvironment } from '../testing/fake-credentials.ts';
import { parseCacheAddress, parseStoreAddress } from './parse-address.ts';
import { makeSamples } from './testing/samples.ts';
import type { Samples, Sent } from './testing/samples.ts';

let samples: Samples;
before(async () => void (samples = await makeSamples()));
after(() => samples[Symbol.asyncDispose]());

const send: Samples['send'] = (parameters, options) => samples.send(parameters, options);

/** What a client of that address asks for, and lets others ask for. */
async function addressed(parameters: string): Promise<{ own: URL; presigned: URL }> {
  const address = parseCacheAddress(`s3://cache?${parameters}`);
  using store = openObjectStore(address, { environment: fakeEnvironment });
  assert.ok(store instanceof S3Store);
  const { client } = store;
  return { own: client.url('key'), presigned: await client.presign({ method: 'PUT', key: 'key' }) };
}

const keysOf = ({ objects }: Sent): string => [...objects.keys()].sort().join();
const text = (sent: Sent, pattern: RegExp): string => sent.bytes(pattern).toString();
const partsOf = ({ requests }: Sent): number =>
  requests.filter(({ query }) => query.has('partNumber')).length;

const encodingOf = ({ objects }: Sent, pattern: RegExp): string | undefined =>
  [...objects].find(([key]) => pattern.test(key))?.[1].headers['content-encoding'];

/** It is said as Content-Encoding, and so it is. */
const encodes = (name: string, pattern: RegExp, contents: RegExp) => async (): Promise<void> => {
  assert.equal(encodingOf(await send('write-nar-listing=1'), pattern), undefined);
  for (const compression of compressions.filter((one) => one !== 'none')) {
    const sent = await send(`write-nar-listing=1&compression=none&${name}=${compression}`);
    assert.equal(encodingOf(sent, pattern), compression);
    const unpacked = await collect(decompress([sent.bytes(pattern)], compression));
    assert.match(Buffer.concat(unpacked).toString(), contents);
  }
};

async function signsWith(name: string, keys: readonly string[]): Promise<void> {
  const files = keys.map((key) => join(samples.folder, key));
  for (const file of files)
    await writeFile(file, printSecretKey(generateSecretKey(file.split('/').at(-1) ?? '')));
  const narinfo = text(await send(`compression=none&${name}=${files.join(',')}`), /narinfo$/);
  for (const key of keys) assert.match(narinfo, new RegExp(`^Sig: ${key}:`, 'm'));
}

async function partsAreOf(name: string): Promise<void> {
  assert.equal(partsOf(await send(`compression=none&${name}=5242880`, { info: samples.noise })), 2);
  assert.equal(
    partsOf(await send(`compression=none&${name}=16777216`, { info: samples.noise })),
    0,
  );
}

async function linksDebugInfo(name: string): Promise<void> {
  assert.doesNotMatch(keysOf(await send(`compression=none&${name}=false`)), /debuginfo/);
  const sent = await send(`compression=none&${name}=true`);
  assert.match(
    text(sent, /^debuginfo\/abcdef$/),
    /"member":"lib\/debug\/.build-id\/ab\/cdef.debug"/,
  );
}

/** Nix's own affair: the same is sent. */
const changesNothing = (setting: string) => async (): Promise<void> => {
  const named = await send(`compression=none&${setting}`);
  assert.equal(keysOf(named), keysOf(await send('compression=none')));
};

const effects: Readonly<Record<string, () => Promise<void>>> = {
  region: async () => {
    await send('compression=none&region=eu-west-3', { region: 'eu-west-3' });
    await assert.rejects(
      send('compression=none', { region: 'eu-west-3' }),
      /SignatureDoesNotMatch/,
    );
    const { own, presigned } = await addressed('region=eu-west-3');
    assert.equal(own.host, 's3.eu-west-3.amazonaws.com'.replace(/^/, 'cache.'));
    assert.match(presigned.href, /%2Feu-west-3%2Fs3%2F/);
  },
  scheme: async () => {
    for (const scheme of ['http', 'https']) {
      const { own, presigned } = await addressed(`endpoint=host:9000&scheme=${scheme}`);
      assert.deepEqual([own.protocol, presigned.protocol], [`${scheme}:`, `${scheme}:`]);
    }
  },
  endpoint: async () => {
    const { own, presigned } = await addressed('endpoint=http://host:9000');
    assert.equal(own.href, 'http://host:9000/cache/key');
    assert.equal(presigned.origin, own.origin);
  },
  'addressing-style': async () => {
    const hosts = async (style: string) => {
      const { own, presigned } = await addressed(`endpoint=host:9000&addressing-style=${style}`);
      assert.equal(presigned.host, own.host);
      return own.host + own.pathname;
    };
    assert.equal(await hosts('path'), 'host:9000/cache/key');
    assert.equal(await hosts('auto'), 'host:9000/cache/key');
    assert.equal(await hosts('virtual'), 'cache.host:9000/key');
  },
  profile: async () => {
    const file = join(samples.folder, 'credentials');
    const { accessKeyId, secretAccessKey } = fakeCredentials;
    const lines = [
      `aws_access_key_id = ${accessKeyId}`,
      `aws_secret_access_key = ${secretAccessKey}`,
    ];
    await writeFile(file, ['[Farm]', ...lines].join('\n'));
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = file;
    const { requests } = await send('compression=none&profile=Farm', { environment: {} });
    for (const { headers } of requests) assert.match(String(headers.authorization), /=FAKE\//);
  },
  store: async () => {
    const sent = await send('compression=none&store=/gnu/store');
    assert.match(text(sent, /^nix-cache-info$/), /^StoreDir: \/gnu\/store$/m);
    assert.match(text(sent, /narinfo$/), /^StorePath: \/gnu\/store\/0+-program$/m);
  },
  compression: async () => {
    for (const compression of compressions) {
      const sent = await send(`compression=${compression}&compression-level=1`);
      assert.match(text(sent, /narinfo$/), new RegExp(`^Compression: ${compression}$`, 'm'));
      const archive = Buffer.concat(await collect(decompress([sent.bytes(/^nar\//)], compression)));
      assert.equal(archive.length, samples.program.narSize);
    }
  },
  'compression-level': async () => {
    for (const compression of ['zstd', 'xz', 'br']) {
      const sizes = [];
      for (const level of [1, compression === 'zstd' ? 19 : 7]) {
        const sent = await send(`compression=${compression}&compression-level=${level}`);
        sizes.push(sent.bytes(/^nar\//).length);
      }
      const [fast = 0, small = 0] = sizes;
      assert.ok(small < fast, `${compression}: ${small} < ${fast}`);
    }
  },
  'parallel-compression': async () => {
    // What xz has packed on several cores says of each block how long it is: the second byte of its header has both flags.
    const flags = async (parallel: boolean) =>
      (await send(`compression=xz&compression-level=1&parallel-compression=${parallel}`)).bytes(
        /^nar\//,
      )[13];
    assert.deepEqual([await flags(false), await flags(true)], [0x00, 0xc0]);
  },
  'narinfo-compression': encodes('narinfo-compression', /narinfo$/, /^StorePath: /),
  'ls-compression': encodes('ls-compression', /\.ls$/, /"cdef.debug"/),
  'log-compression': encodes('log-compression', /^log\//, /^said$/),
  'write-nar-listing': async () => {
    assert.doesNotMatch(keysOf(await send('compression=none')), /\.ls/);
    assert.match(text(await send('compression=none&write-nar-listing=1'), /\.ls$/), /"text"/);
  },
  'index-debug-info': () => linksDebugInfo('index-debug-info'),
  'write-debug-info': () => linksDebugInfo('write-debug-info'),
  'secret-key': () => signsWith('secret-key', ['one-1']),
  'secret-keys': () => signsWith('secret-keys', ['One-1', 'other-1']),
  'want-mass-query': async () => {
    const said = async (parameters: string) =>
      text(await send(`compression=none${parameters}`), /^nix-cache-info$/);
    assert.match(await said(''), /^WantMassQuery: 1$/m);
    assert.doesNotMatch(await said('&want-mass-query=false'), /WantMassQuery/);
  },
  priority: async () => {
    const said = text(await send('compression=none&priority=30'), /^nix-cache-info$/);
    assert.match(said, /^Priority: 30$/m);
  },
  'buffer-size': () => partsAreOf('buffer-size'),
  'multipart-chunk-size': () => partsAreOf('multipart-chunk-size'),
  'presigned-url-expiry': async () => {
    const { presigned } = await addressed('presigned-url-expiry=600');
    assert.equal(presigned.searchParams.get('X-Amz-Expires'), '600');
  },
  'storage-class': async () => {
    const { requests } = await send('compression=none&storage-class=STANDARD_IA');
    const writes = requests.filter(
      ({ method, query }) => (method === 'PUT' && query.size === 0) || query.has('uploads'),
    );
    assert.ok(writes.length >= 3);
    for (const { key, headers } of writes)
      assert.equal(headers['x-amz-storage-class'], 'STANDARD_IA', key);
  },
  'multipart-upload': changesNothing('multipart-upload=false'),
  'multipart-threshold': changesNothing('multipart-threshold=1000000'),
  trusted: changesNothing('trusted=true'),
  'path-info-cache-size': changesNothing('path-info-cache-size=1'),
  'local-nar-cache': changesNothing('local-nar-cache=/tmp'),
};

for (const [name, effect] of Object.entries(effects)) test(`${name} does what it says`, effect);

/** As an address tells whoever mistypes one. */
function namesOfAll(): string[] {
  try {
    parseStoreAddress('s3://cache?mistyped=1');
  } catch (error) {
    return /there are (.*)$/m.exec(String(error))?.[1]?.split(', ') ?? [];
  }
  return [];
}

test('no parameter is taken that is not tried here and told of', async () => {
  assert.deepEqual(namesOfAll().sort(), Object.keys(effects).sort());
  const document = await readFile(
    new URL('../../../../../docs/caches.md', import.meta.url),
    'utf8',
  );
  for (const name of namesOfAll()) assert.ok(document.includes(`\`${name}\``), name);
});
