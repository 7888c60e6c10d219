import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { NixFormatError } from '../format-error.ts';
import { defaultStoreDirectory } from '../store-path/store-path.ts';
import { readFixture } from '../testing/fixture.ts';
import { inPieces } from '../testing/in-pieces.ts';
import type { ExportedPath } from './exported-path.ts';
import { readExport } from './read-export.ts';
import { writeExport } from './write-export.ts';

const directory = defaultStoreDirectory;
const closure = readFixture('export/closure.export');

type Item = ExportedPath & { readonly archive: Buffer };

async function readAll(stream: Iterable<Uint8Array>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of readExport(directory, stream)) {
    const archive = await buffer(item.nar);
    items.push({ ...(await item.info()), archive });
  }
  return items;
}

test('a stream of Nix is read, and written as it was', async () => {
  const items = await readAll([closure]);
  assert.deepEqual(
    items.map(({ path, references, deriver }) => ({ path, references, deriver })),
    [
      {
        path: 'wh95ph7yyj7a9gqziw85bhapwkb96vln-plain',
        references: [],
        deriver: 'c3yh3hnrjnfp3a7kb9h5q8x1ylmcr2kh-plain.drv',
      },
      {
        path: '2z02q2k1iqi62nfiks5lzbb7w1hq0l7d-with-log',
        references: ['wh95ph7yyj7a9gqziw85bhapwkb96vln-plain'],
        deriver: 'v1fc6s6qz4vcfa97ic6pf2h9a4gn5qzi-with-log.drv',
      },
    ],
  );
  for (const { path, archive } of items)
    assert.deepEqual(archive, readFixture(`nar/cache/${path.slice(0, 32)}.nar`));
  const paths = items.map((item) => ({ ...item, nar: () => [item.archive] }));
  assert.deepEqual(await buffer(writeExport(directory, paths)), closure);
});

test('it may come in pieces of any size', async () => {
  const whole = await readAll([closure]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 }),
      async (sizes) => {
        assert.deepEqual(await readAll(inPieces(closure, sizes)), whole);
      },
    ),
    { numRuns: 50 },
  );
});

test('archives that are not read, or not to their end, are passed over', async () => {
  const paths: string[] = [];
  for await (const item of readExport(directory, inPieces(closure, [100, 100, 100]))) {
    if (paths.length === 0) for await (const _ of item.nar) break;
    paths.push((await item.info()).path);
  }
  assert.equal(paths.length, 2);
});

test('signatures of old streams are passed over', async () => {
  const end = closure.length - 16;
  const signature = Buffer.from(
    '0100000000000000030000000000000061626300000000000000000000000000',
    'hex',
  );
  const signed = Buffer.concat([closure.subarray(0, end), signature]);
  assert.deepEqual(await readAll([signed]), await readAll([closure]));
});

const wrong: readonly [name: string, damage: (bytes: Buffer) => Buffer, message: RegExp][] = [
  [
    'an end in the archive',
    (bytes) => bytes.subarray(0, 60),
    /breaks off \(nar\.node of '\/', byte 60\)/,
  ],
  ['an end behind it', (bytes) => bytes.subarray(0, 150), /breaks off \(path, byte 150\)/],
  ['an empty stream', () => Buffer.alloc(0), /breaks off \(path follows, byte 0\)/],
  [
    'a flag of 2',
    (bytes) => change(bytes, 0, 2),
    /2 stands where 0 or 1 should \(path follows, byte 0\)/,
  ],
  ['another magic', (bytes) => change(bytes, 128, 0), /'NIXE' should stand .*\(magic, byte 128\)/],
  ['a damaged archive', (bytes) => change(bytes, 8, 0), /nar\.nix-archive-1 of '\/', byte 8\)/],
  ['a path elsewhere', (bytes) => change(bytes, 145, 0x4e), /not in the store.*\(path, byte 136\)/],
  [
    'an endless list',
    (bytes) => change(bytes, 206, 1),
    /should stand here \(references\[1\], byte 272\)/,
  ],
  [
    'bytes behind the end',
    (bytes) => Buffer.concat([bytes, Buffer.alloc(1)]),
    /behind the end \(stream, byte 680\)/,
  ],
];

function change(bytes: Buffer, offset: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[offset] = value;
  return changed;
}

for (const [name, damage, message] of wrong)
  test(`${name} is refused, with field and byte`, async () => {
    await assert.rejects(readAll([damage(closure)]), (error) => {
      assert.ok(error instanceof NixFormatError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
