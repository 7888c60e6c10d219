import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fromBytes, fromUtf8 } from '../byte-string.ts';
import { NixFormatError } from '../format-error.ts';
import { defaultStoreDirectory, derivationPath } from '../store-path/store-path.ts';
import type { DerivationPath } from '../store-path/store-path.ts';
import { readFixture, readJsonFixture } from '../testing/fixture.ts';
import type { Derivation } from './derivation.ts';
import { derivationJsonFormat } from './json-format.ts';
import type { DerivationJsonFormat } from './json-format.ts';
import { parseDerivationsJson } from './parse-derivation-json.ts';
import { parseDerivation } from './parse-derivation.ts';
import { printDerivationsJson } from './print-derivation-json.ts';

const directory = defaultStoreDirectory;
const formats = ['2.8', '2.18', '2.24', '2.30', '2.32', '2.33'] as const;
const shown = globSync('json/*/derivation-*.json', {
  cwd: fileURLToPath(new URL('../../fixtures', import.meta.url)),
});
const files = readJsonFixture<readonly { readonly file: string }[]>('index.json').map(
  ({ file }) => file,
);

test('what versions of Nix show of derivations is read and written as they do', () => {
  assert.ok(shown.length > 30);
  for (const file of shown) {
    const format = derivationJsonFormat(file.split('/')[1] ?? '');
    const derivations = parseDerivationsJson(directory, readFixture(file));
    for (const [path, derivation] of derivations)
      assert.deepEqual(sortedVariables(derivation), sortedVariables(read(path)), file);
    const printed = printDerivationsJson(directory, derivations, format).toString();
    assert.deepEqual(JSON.parse(printed), readJsonFixture(file), file);
  }
});

test('every derivation survives in every format', () => {
  for (const format of formats)
    for (const file of files) {
      const path = derivationPath(basename(file));
      const derivation = read(path);
      if (format === '2.8' && isDynamic(derivation)) continue;
      assert.deepEqual(roundTrip(path, derivation, format), sortedVariables(derivation), file);
    }
});

test('texts that are not UTF-8 survive in the oldest format, and are refused in later ones', () => {
  const bytes = fromBytes(Uint8Array.of(0xff, 0x22, 8, 12, 10, 0, 0x7f, 0xc3));
  const derivation = { ...simple(), builder: bytes };
  assert.equal(roundTrip(simplePath, derivation, '2.8').builder, bytes);
  assert.throws(() => roundTrip(simplePath, derivation, '2.33'), NixFormatError);
});

test('control characters are escaped as each version does', () => {
  const derivations = new Map([
    [simplePath, { ...simple(), builder: fromUtf8('\b\f\u0001\u007f/é') }],
  ]);
  const print = (format: DerivationJsonFormat) =>
    printDerivationsJson(directory, derivations, format, 'compact').toString();
  assert.ok(print('2.8').includes('"builder":"\\u0008\\u000c\\u0001\u007f/é"'));
  assert.ok(print('2.24').includes('"builder":"\\b\\f\\u0001\u007f/é"'));
});

test('an error names the field and the byte', () => {
  const good = printDerivationsJson(
    directory,
    new Map([[simplePath, simple()]]),
    '2.33',
  ).toString();
  const field = `derivations.${simplePath}`;
  const bad: readonly (readonly [string, string, string])[] = [
    ['"/bin/sh",\n      "env"', '1,\n      "env"', `${field}.builder`],
    ['"version": 4\n}', '"version": 9007199254740993\n}', 'version'],
    ['"version": 4\n}', '"version": 4, "more": 1\n}', 'more'],
    ['"name": "plain",\n      "outputs"', '"name": "other",\n      "outputs"', `${field}.name`],
    ['"srcs": []', '"srcs": ["x"]', `${field}.inputs.srcs[0]`],
    ['wh95ph7yyj7a9gqziw85bhapwkb96vln-plain"\n', 'e"\n', `${field}.outputs.out.path`],
    ['"system": "x86_64-linux",\n      "version"', '"version"', field],
    ['"srcs"', '"srcs": [], "srcs"', 'JSON'],
  ];
  for (const [from, to, where] of bad) {
    assert.ok(good.includes(from), from);
    assert.throws(
      () => parseDerivationsJson(directory, Buffer.from(good.replace(from, to))),
      (error) => {
        assert.ok(error instanceof NixFormatError);
        assert.equal(error.field, where);
        assert.ok(error.offset !== null && error.offset > 0);
        return true;
      },
    );
  }
});

test('the format follows from the version of Nix', () => {
  const expected = {
    '2.3.16': '2.8',
    '2.8.0': '2.8',
    '2.18.9': '2.18',
    '2.26.3': '2.24',
    '2.31.2': '2.30',
    '2.32.0pre20251001_abc': '2.32',
    '2.35.2': '2.33',
    '3.0': '2.33',
  };
  for (const [version, format] of Object.entries(expected))
    assert.equal(derivationJsonFormat(version), format);
});

const simplePath = derivationPath('c3yh3hnrjnfp3a7kb9h5q8x1ylmcr2kh-plain.drv');

function simple(): Derivation {
  return read(simplePath);
}

function read(path: DerivationPath): Derivation {
  return parseDerivation(directory, path, readFixture(`drv/${path}`));
}

function roundTrip(path: DerivationPath, derivation: Derivation, format: DerivationJsonFormat) {
  const json = printDerivationsJson(directory, new Map([[path, derivation]]), format);
  const again = parseDerivationsJson(directory, json).get(path) ?? assert.fail();
  return sortedVariables(again);
}

function sortedVariables(derivation: Derivation) {
  return { ...derivation, environment: [...derivation.environment].sort(byName) };
}

function isDynamic({ inputDerivations }: Derivation): boolean {
  return [...inputDerivations.values()].some(({ dynamic }) => dynamic.size > 0);
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}
