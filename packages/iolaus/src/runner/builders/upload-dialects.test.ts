import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aMachine } from '../../protocol/testing/runner-pair.ts';
import { protocolVersion, spokenVersions } from '../../protocol/version.ts';
import { UploadDialects } from './upload-dialects.ts';

test('those upload themselves who say how large an archive is and put none twice', () => {
  const dialects = new UploadDialects();
  const machines = [...spokenVersions].map((version) => ({ version, machine: aMachine() }));
  for (const each of machines) dialects.note(each);
  const can = machines.filter(({ machine }) => dialects.canUpload(machine));
  assert.deepEqual(
    can.map(({ version }) => version),
    [protocolVersion, '0.1.0-dffd1b61'],
  );
});

test('of those who check their version and never open a tunnel a few are remembered', () => {
  const dialects = new UploadDialects();
  const machines = Array.from({ length: 1_001 }, aMachine);
  for (const machine of machines) dialects.note({ version: '0.1.0-6ae91f1c', machine });
  const forgotten = machines.filter((machine) => dialects.canUpload(machine));
  assert.deepEqual(forgotten, machines.slice(0, 1));
});
