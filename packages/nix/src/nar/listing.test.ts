import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { fromBytes, fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { eventsOf, trees } from '../testing/file-tree.ts';
import { readFixture } from '../testing/fixture.ts';
import { deepestNesting } from './limits.ts';
import { listNar } from './listing.ts';
import type { NarListing } from './listing.ts';
import { parseListing, parseListingFile } from './parse-listing.ts';
import { printListing, printListingFile } from './print-listing.ts';
import type { ListingDialect } from './print-listing.ts';
import { printNar } from './print-nar.ts';

const cwd = fileURLToPath(new URL('../../fixtures/', import.meta.url));
const dialects: Readonly<Record<string, ListingDialect>> = {
  '2.8.0': '2.8',
  '2.34.8': '2.34',
  '2.35.2': '2.35',
};

test('listings are read and written as Nix prints them, byte for byte', async () => {
  const files = globSync('nar/*.ls-*.json', { cwd });
  assert.equal(files.length, 18);
  for (const file of files) {
    const [, archive = '', version = ''] = /^(.*)\.ls-(.*)\.json$/.exec(file) ?? [];
    const listing = await listNar([readFixture(`${archive}.nar`)]);
    const dialect = dialects[version] ?? assert.fail(version);
    const expected = readFixture(file).toString('utf8').trimEnd();
    assert.equal(printListing(listing, { dialect }).toString(), expected, file);
    assert.deepEqual(parseListing(Buffer.from(expected)), listing, file);
  }
});

test('listings are read and written as Nix puts them into caches, byte for byte', async () => {
  const files = globSync('nar/cache/*.ls', { cwd });
  assert.equal(files.length, 12);
  for (const file of files) {
    const [, archive = '', version = ''] = /^(.*\/[^.]*)\.(.*)\.ls$/.exec(file) ?? [];
    const listing = await listNar([readFixture(`${archive}.nar`)]);
    const dialect = dialects[version] ?? assert.fail(version);
    const expected = readFixture(file);
    assert.deepEqual(printListingFile(listing, dialect), expected, file);
    assert.deepEqual(parseListingFile(expected), listing, file);
  }
});

test('the listing of any archive survives, with names that are no UTF-8 as Nix 2.8 writes them', async () => {
  await fc.assert(
    fc.asyncProperty(trees, async (tree) => {
      const listing = await listNar(printNar(eventsOf(tree)));
      assert.deepEqual(parseListing(printListing(listing, { dialect: '2.8' })), listing);
    }),
  );
});

test('what JSON cannot hold is not written as later versions of Nix would have to', () => {
  const listing = directoryOf(fromBytes(Buffer.of(0xff)));
  for (const dialect of ['2.34', '2.35'] as const)
    assert.throws(() => printListing(listing, { dialect }), { name: 'NixFormatError' });
});

test('control characters are escaped as each version of Nix does', () => {
  const listing = directoryOf(fromUtf8('\b\f\n\r\t\x01\x1f\x7f"\\é'));
  const old = String.raw`\u0008\u000c\n\r\t\u0001\u001f` + '\x7f' + String.raw`\"\\é`;
  const recent = old.replace(String.raw`\u0008\u000c`, String.raw`\b\f`);
  assert.ok(printListing(listing, { dialect: '2.8' }).toString().includes(`{"${old}":`));
  assert.ok(printListing(listing, { dialect: '2.34' }).toString().includes(`{"${recent}":`));
});

test('entries come out in the order of their bytes, whatever the order of the JSON', () => {
  const file = '{"type":"regular","size":0,"narOffset":96}';
  const names = ['b', 'a', 'é', 'B'];
  const entries = names.map((name) => `"${name}":${file}`).join();
  const listing = parseListing(Buffer.from(`{"type":"directory","entries":{${entries}}}`));
  if (listing.type !== 'directory') assert.fail();
  assert.deepEqual([...listing.entries.keys()], ['B', 'a', 'b', fromUtf8('é')]);
});

test('what no archive can hold is refused with field and byte', () => {
  const file = '{"type":"regular","size":1,"narOffset":96}';
  const directory = (name: string) => `{"type":"directory","entries":{"${name}":${file}}}`;
  const deep =
    '{"type":"directory","entries":{"a":'.repeat(deepestNesting + 1) +
    file +
    '}}'.repeat(deepestNesting + 1);
  const cases: readonly (readonly [string, string, string])[] = [
    [directory('..'), 'entries...', '{"type":"regular"'],
    [directory('a/b'), 'entries.a/b', '{"type":"regular"'],
    [directory('a\\u0000'), 'entries.a\0', '{"type":"regular"'],
    ['{"type":"symlink","target":""}', 'target', '""'],
    ['{"type":"fifo"}', 'type', '"fifo"'],
    [file.replace('1', '9007199254740992'), 'size', '9007199254740992'],
    [file.replace('96', '-8'), 'narOffset', '-8'],
    ['{"type":"regular","size":1}', 'JSON', '{'],
    [deep, `entries.a.`.repeat(deepestNesting).slice(0, -1), ''],
  ];
  for (const [json, field, wrong] of cases)
    assert.throws(
      () => parseListing(Buffer.from(json)),
      wrong === ''
        ? { name: 'NixFormatError', field }
        : { name: 'NixFormatError', field, offset: json.indexOf(wrong) },
      json,
    );
  const later = Buffer.from(`{"version":2,"root":${file}}`);
  assert.throws(() => parseListingFile(later), { field: 'version', offset: 11 });
});

function directoryOf(name: ByteString): NarListing {
  const entries = new Map([[name, { type: 'symlink', target: fromUtf8('x') } as const]]);
  return { type: 'directory', entries };
}
