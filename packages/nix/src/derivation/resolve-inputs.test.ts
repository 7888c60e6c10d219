import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultStoreDirectory, derivationPath, parseBaseName } from '../store-path/store-path.ts';
import type { DerivationPath, StorePath } from '../store-path/store-path.ts';
import { readFixture, readJsonFixture } from '../testing/fixture.ts';
import { recordedDerivation } from '../testing/recorded-values.ts';
import type { RecordedRequest } from '../testing/recorded-values.ts';
import { outputPath } from './derivation.ts';
import { parseDerivation } from './parse-derivation.ts';
import { resolveInputs } from './resolve-inputs.ts';

type Case = { readonly drvPath: string; readonly basic: RecordedRequest['drv'] };

const cases = readJsonFixture<readonly Case[]>('resolved.json');

test('inputs become the paths that daemons accepted', () => {
  for (const { drvPath, basic } of cases) {
    const path = derivationPath(drvPath.slice(defaultStoreDirectory.length + 1));
    assert.deepEqual(resolveInputs(read(path), knownOutput), recordedDerivation(path, basic));
  }
});

test('outputs of an output that is a derivation are asked of that derivation', () => {
  const zeros = '0'.repeat(32);
  const outer = derivationPath(`${zeros}-inner.drv.drv`);
  const inner = derivationPath(`${zeros}-inner.drv`);
  const result = parseBaseName(`${zeros}-result`);
  const derivation = {
    ...read(derivationPath(cases[0]?.drvPath.slice(defaultStoreDirectory.length + 1) ?? '')),
    inputSources: [],
    inputDerivations: new Map([
      [
        outer,
        { outputs: [], dynamic: new Map([['out', { outputs: ['dev'], dynamic: new Map() }]]) },
      ],
    ]),
  };
  const asked: string[] = [];
  const resolved = resolveInputs(derivation, (input, output) => {
    asked.push(`${input}!${output}`);
    return input === outer ? inner : result;
  });
  assert.deepEqual(asked, [`${outer}!out`, `${inner}!dev`]);
  assert.deepEqual(resolved.inputSources, [result]);
});

function read(path: DerivationPath) {
  return parseDerivation(defaultStoreDirectory, path, readFixture(`drv/${path}`));
}

function knownOutput(input: DerivationPath, name: string): StorePath {
  const output = read(input).outputs.get(name) ?? assert.fail(`${input} has no output ${name}`);
  return outputPath(output) ?? assert.fail(`${input}!${name} is not known`);
}
