import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseContentAddress } from '../store-path/content-address.ts';
import { defaultStoreDirectory, parseBaseName } from '../store-path/store-path.ts';
import { readFixture, readJsonFixture } from '../testing/fixture.ts';
import { parsePathInfosJson } from './parse-path-info-json.ts';
import { printPathInfosJson } from './print-path-info-json.ts';
import type { PathInfoJsonFormat } from './print-path-info-json.ts';

const directory = defaultStoreDirectory;
const shown = globSync('json/*/path-info*.json', {
  cwd: fileURLToPath(new URL('../../fixtures', import.meta.url)),
});

test('what versions of Nix show of paths is read and written as they do', () => {
  assert.ok(shown.length >= 7);
  for (const file of shown) {
    const infos = parsePathInfosJson(directory, readFixture(file));
    assert.equal(infos.size, 2, file);
    const printed = printPathInfosJson(directory, infos, formatOf(file)).toString();
    assert.deepEqual(JSON.parse(printed), readJsonFixture(file), file);
  }
});

test('all formats tell the same', () => {
  const [first = '', ...others] = shown.filter((file) => file.includes('2.35.2'));
  const infos = parsePathInfosJson(directory, readFixture(first));
  for (const file of others)
    assert.deepEqual(parsePathInfosJson(directory, readFixture(file)), infos);
});

test('invalid paths, and what is not known, survive', () => {
  const path = parseBaseName(`${'0'.repeat(32)}-unknown`);
  const hash = parseContentAddress(`fixed:sha1:${'0'.repeat(32)}`).hash;
  const bare = {
    path: parseBaseName(`${'1'.repeat(32)}-bare`),
    deriver: null,
    narHash: hash,
    narSize: 1,
    references: [path],
    registrationTime: 0,
    ultimate: false,
    signatures: [],
    contentAddress: null,
  };
  const infos = new Map([
    [path, null],
    [bare.path, bare],
  ]);
  for (const format of ['2.8', '2.19', 1, 2, 3] as const)
    assert.deepEqual(
      parsePathInfosJson(directory, printPathInfosJson(directory, infos, format)),
      infos,
    );
});

test('sizes beyond 2^53 are refused with field and byte', () => {
  const json = readFixture('json/2.34.8/path-info-format2.json').toString();
  const wrong = json.replace('"narSize": 120', '"narSize": 9007199254740993');
  assert.throws(() => parsePathInfosJson(directory, Buffer.from(wrong)), {
    name: 'NixFormatError',
    field: 'info.0p7rc25s8dbvbq0i5g7lai74li1333g4-ca-floating.narSize',
    offset: wrong.indexOf('9007199254740993'),
  });
});

function formatOf(file: string): PathInfoJsonFormat {
  const [, version = '', name = ''] = file.split('/');
  if (name.includes('format2')) return 2;
  if (name.includes('format3')) return 3;
  if (version === '2.8.0') return '2.8';
  return version === '2.26.3' ? '2.19' : 1;
}
