import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Fault } from '../fault/fault.ts';
import { faultOfFile } from './file-fault.ts';

test('a disk without space is a full disk and misuse, whoever finds out by writing', () => {
  // The kernel's own full disk.
  const place = '/dev/full';
  try {
    writeFileSync(place, 'something');
    assert.fail('it was written');
  } catch (error) {
    const fault = faultOfFile(place, error);
    assert.ok(fault instanceof Fault);
    assert.equal(fault.code, 'disk-full');
    assert.equal(fault.exitStatus, 2);
    assert.match(fault.message, /no space left for \/dev\/full/);
    assert.equal(fault.cause, error);
  }
});
