import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NixFormatError } from '../format-error.ts';
import { computeHash } from '../hash/hash.ts';
import { readJsonFixture } from '../testing/fixture.ts';
import { parseContentAddress } from './content-address.ts';
import { makeFixedOutputPath, makeStorePath, makeTextPath } from './make-path.ts';
import { defaultStoreDirectory, parseStorePath, printStorePath } from './store-path.ts';

type Vector = {
  readonly name: string;
  readonly ca: string;
  readonly references: readonly string[];
  readonly path: string;
};

const directory = defaultStoreDirectory;
const reference = parseStorePath(directory, `${directory}/${'0'.repeat(32)}-reference`);

test('added files and texts get the paths that Nix gives them', () => {
  for (const { name, ca, references, path } of readJsonFixture<readonly Vector[]>(
    'store-paths.json',
  )) {
    const paths = references.map((text) => parseStorePath(directory, text));
    const made = makeFixedOutputPath(directory, name, parseContentAddress(ca), {
      paths,
      self: false,
    });
    assert.equal(printStorePath(directory, made), path);
  }
});

test('the order of references and their repetition do not matter', () => {
  const hash = computeHash('sha256', 'text');
  const other = parseStorePath(directory, `${directory}/${'1'.repeat(32)}-other`);
  const expected = makeTextPath(directory, 'name', hash, [reference, other]);
  assert.equal(makeTextPath(directory, 'name', hash, [other, reference, other]), expected);
  assert.notEqual(makeTextPath(directory, 'name', hash, [reference]), expected);
});

test('a reference to itself changes the path', () => {
  const address = { method: 'nar', hash: computeHash('sha256', 'archive') } as const;
  assert.notEqual(
    makeFixedOutputPath(directory, 'name', address, { paths: [], self: true }),
    makeFixedOutputPath(directory, 'name', address),
  );
});

test('references that the content address cannot cover are refused', () => {
  const flat = { method: 'flat', hash: computeHash('sha256', 'file') } as const;
  const old = { method: 'nar', hash: computeHash('sha1', 'archive') } as const;
  for (const address of [flat, old])
    for (const references of [
      { paths: [reference], self: false },
      { paths: [], self: true },
    ])
      assert.throws(
        () => makeFixedOutputPath(directory, 'name', address, references),
        NixFormatError,
      );
});

test('a bad name is refused', () => {
  const inner = computeHash('sha256', '');
  assert.throws(() => makeStorePath(directory, 'output:out', inner, 'a b'), NixFormatError);
});
