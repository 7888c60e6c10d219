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

test('outputs whose path only a build tells need what their kind needs', () => {
  const nar = { method: 'nar', algorithm: 'sha256' } as const;
  const needs = (output: DerivationOutput) => requiredSystemFeatures(derivation({}, output));
  assert.deepEqual(needs({ type: 'floating', ...nar }), ['ca-derivations']);
  assert.deepEqual(needs({ type: 'deferred' }), ['ca-derivations']);
  assert.deepEqual(needs({ type: 'impure', ...nar }), ['ca-derivations', 'impure-derivations']);
  assert.deepEqual(needs({ type: 'floating', method: 'text', algorithm: 'sha256' }), [
    'ca-derivations',
    'dynamic-derivations',
  ]);
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
