import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromUtf8 } from '../byte-string.ts';
import { parseBaseName } from '../store-path/store-path.ts';
import type { BasicDerivation, DerivationOutput } from './derivation.ts';
import { requiredSystemFeatures } from './system-features.ts';

const known: DerivationOutput = {
  type: 'input-addressed',
  path: parseBaseName(`${'0'.repeat(32)}-name`),
};

test('features are words in the environment', () => {
  const variables = { requiredSystemFeatures: ' kvm  big-parallel\nkvm ' };
  assert.deepEqual(requiredSystemFeatures(derivation(variables)), ['kvm', 'big-parallel']);
  assert.deepEqual(requiredSystemFeatures(derivation({})), []);
});

test('with structured attributes they are strings of a list, and the environment is not asked', () => {
  const attributes = { requiredSystemFeatures: ['kvm', 1, 'größe'] };
  const variables = { __json: JSON.stringify(attributes), requiredSystemFeatures: 'benchmark' };
  assert.deepEqual(requiredSystemFeatures(derivation(variables)), ['kvm', 'größe']);
  for (const json of [
    '{}',
    '[]',
    'null',
    '{"a":"requiredSystemFeatures"}',
    '{"requiredSystemFeatures":"kvm"}',
  ])
    assert.deepEqual(requiredSystemFeatures(derivation({ __json: json })), [], json);
});

test('structured attributes that are not JSON are refused, with the byte', () => {
  const json = '{"requiredSystemFeatures":';
  assert.throws(() => requiredSystemFeatures(derivation({ __json: json })), {
    name: 'NixFormatError',
    field: '__json.JSON',
    offset: json.length,
  });
});

test('outputs whose path only a build tells need content addressing', () => {
  const floating: DerivationOutput = { type: 'floating', method: 'nar', algorithm: 'sha256' };
  for (const output of [floating, { type: 'deferred' } as const])
    assert.deepEqual(requiredSystemFeatures(derivation({}, output)), ['ca-derivations']);
});

function derivation(
  variables: Readonly<Record<string, string>>,
  output: DerivationOutput = known,
): BasicDerivation {
  const environment = Object.entries(variables).map(
    ([name, value]) => [fromUtf8(name), fromUtf8(value)] as const,
  );
  return {
    name: 'name',
    outputs: new Map([['out', output]]),
    inputSources: [],
    system: fromUtf8('x86_64-linux'),
    builder: fromUtf8('/bin/sh'),
    arguments: [],
    environment: new Map(environment),
  };
}
