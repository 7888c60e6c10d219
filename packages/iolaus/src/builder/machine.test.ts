import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeDirectory } from '@iolaus/nix';
import { parseSettings } from './machine/nix-settings.ts';
import { parsePressure } from './machine/pressure.ts';
import { parseBogomips } from './machine/processors.ts';
import { locateStore } from './machine/store-location.ts';

test('what Nix says of itself is read, whatever its version leaves out', () => {
  const settings = (fields: Record<string, unknown>) =>
    JSON.stringify(
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { value }])),
    );
  const version = 'nix (Nix) 2.8.0';
  assert.deepEqual(parseSettings(settings({ system: 'aarch64-linux' }), version), {
    version,
    systems: ['aarch64-linux'],
    systemFeatures: [],
    substituters: [],
    usesCgroups: false,
    buildDirectory: null,
  });
  assert.deepEqual(
    parseSettings(
      settings({
        system: 'x86_64-linux',
        'extra-platforms': ['i686-linux'],
        'system-features': ['kvm', 'ca-derivations'],
        'experimental-features': ['ca-derivations', 'recursive-nix', 'flakes'],
        substituters: ['https://a?x=1'],
        'use-cgroups': true,
        'build-dir': '/big',
      }),
      version,
    ),
    {
      version,
      systems: ['x86_64-linux', 'i686-linux'],
      systemFeatures: ['kvm', 'ca-derivations', 'recursive-nix'],
      substituters: ['https://a?x=1'],
      usesCgroups: true,
      buildDirectory: '/big',
    },
  );
});

test('experimental features are told by name, or by number', () => {
  const featuresOf = (experimental: readonly unknown[], version: string): readonly string[] => {
    const settings = { system: { value: 'x' }, 'experimental-features': { value: experimental } };
    return parseSettings(JSON.stringify(settings), version).systemFeatures;
  };
  assert.deepEqual(featuresOf([1, 0, 3], 'nix (Nix) 2.8.0'), [
    'ca-derivations',
    'impure-derivations',
  ]);
  assert.deepEqual(featuresOf([0, 1], 'nix (Nix) 2.7.0'), ['ca-derivations']);
  assert.deepEqual(featuresOf(['dynamic-derivations'], 'nix (Nix) 2.34.8'), [
    'dynamic-derivations',
  ]);
});

test('bogomips are the mean over all processors, however they are spelled', () => {
  assert.equal(parseBogomips('bogomips\t: 100.50\n\nbogomips\t: 200.50\n'), 150.5);
  assert.equal(parseBogomips('BogoMIPS\t: 50.00\nFeatures\t: fp\n'), 50);
  assert.equal(parseBogomips('processor\t: 0\n'), 0);
});

test('pressure is read where the kernel tells it', () => {
  const text =
    'some avg10=1.50 avg60=0.25 avg300=0.00 total=42\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n';
  assert.deepEqual(parsePressure(text, 'some'), {
    average10: 1.5,
    average60: 0.25,
    average300: 0,
    totalMicroseconds: 42,
  });
  assert.equal(parsePressure(text, 'full')?.totalMicroseconds, 7);
  assert.equal(parsePressure('some avg10=1\n', 'some'), null);
  assert.equal(parsePressure('', 'full'), null);
  assert.equal(parsePressure(null, 'some'), null);
});

test('a store is found as Nix finds it', () => {
  const directory = storeDirectory('/nix/store');
  assert.deepEqual(locateStore({}, directory), {
    physicalDirectory: '/nix/store',
    stateDirectory: '/nix/var/nix',
  });
  assert.deepEqual(locateStore({ NIX_REMOTE: 'unix:///s?root=/r' }, directory), {
    physicalDirectory: '/r/nix/store',
    stateDirectory: '/r/nix/var/nix',
  });
  const remote = 'unix:///s?root=/r&real=/real&state=/state';
  assert.deepEqual(locateStore({ NIX_REMOTE: remote }, directory), {
    physicalDirectory: '/real',
    stateDirectory: '/state',
  });
  const environment = { NIX_REMOTE: 'daemon', NIX_STATE_DIR: '/var' };
  assert.equal(locateStore(environment, directory).stateDirectory, '/var');
});
