import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NixFormatError } from '../format-error.ts';
import { parsePublicKey, parseSecretKey } from '../signature/key.ts';
import { isSignedBy, signText } from '../signature/signature.ts';
import { readFixture } from '../testing/fixture.ts';
import { parseRealisationFile, realisationFile } from './output-key.ts';
import {
  parseRealisationJson,
  printRealisationJson,
  realisationFingerprint,
} from './realisation-json.ts';

const files = globSync('cache/{,versions/*/}{realisations,build-trace-v2}/**/*.doi', {
  cwd: fileURLToPath(new URL('../../fixtures', import.meta.url)),
});
const trusted = [parsePublicKey(readFixture('keys/public.key').toString())];
const secret = parseSecretKey(readFixture('keys/secret.key').toString());

test('realisations of every version are written byte for byte as they were read, with their names', () => {
  assert.equal(files.length, 5);
  for (const file of files) {
    const name = file.replace(/^.*(?=realisations|build-trace-v2)/, '');
    const key = parseRealisationFile(name);
    assert.equal(realisationFile(key), name);
    const bytes = readFixture(file);
    assert.deepEqual(printRealisationJson(parseRealisationJson(key, bytes)), bytes);
  }
});

test('their signatures are true, and are made again with their key', () => {
  for (const file of files) {
    const key = parseRealisationFile(file.replace(/^.*(?=realisations|build-trace-v2)/, ''));
    const realisation = parseRealisationJson(key, readFixture(file));
    const text = realisationFingerprint(realisation);
    assert.deepEqual(realisation.signatures, [signText(secret, text)], file);
    assert.ok(isSignedBy(trusted, text, realisation.signatures[0] ?? ''));
  }
});

test("Hydra's form, with the key in the file, tells the same", () => {
  const folder = files.find((name) => name.includes('build-trace-v2')) ?? assert.fail();
  const key = parseRealisationFile(folder.replace(/^.*(?=build-trace-v2)/, ''));
  if (key.type !== 'derivation-path') assert.fail();
  const value = readFixture(folder).toString();
  const named = { drvPath: key.derivation, outputName: key.output };
  const framed = Buffer.from(`{"key":${JSON.stringify(named)},"value":${value}}`);
  const read = parseRealisationJson(key, framed);
  assert.deepEqual(read, parseRealisationJson(key, Buffer.from(value)));
  assert.deepEqual(parseRealisationFile(`realisations/${key.derivation}^${key.output}.doi`), key);
  const other = { ...key, output: 'dev' };
  assert.throws(() => parseRealisationJson(other, framed), { field: 'key' });
});

test('a realisation of something else than its name says is refused', () => {
  const [one, other] = files.filter((name) => name.includes('2.8.0'));
  const key = parseRealisationFile((one ?? '').replace(/^.*(?=realisations)/, ''));
  assert.throws(() => parseRealisationJson(key, readFixture(other ?? '')), { field: 'id' });
});

test('names that are none are refused with the place', () => {
  for (const name of [
    'realisations/sha256:00!out.doi',
    `realisations/sha256:${'0'.repeat(64)}.doi`,
    `realisations/sha256:${'0'.repeat(64)}!o/ut.doi`,
    'build-trace-v2/out.doi',
    `build-trace-v2/${'0'.repeat(32)}-x/out.doi`,
    `build-trace-v2/${'0'.repeat(32)}-x.drv/.doi`,
    'elsewhere/x.doi',
    'realisations/x',
  ])
    assert.throws(
      () => parseRealisationFile(name),
      (error) => error instanceof NixFormatError && error.offset !== null,
      name,
    );
});
