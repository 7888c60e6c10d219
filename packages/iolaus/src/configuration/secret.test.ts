import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Fault } from '../fault/fault.ts';
import { readSecretFile } from './secret.ts';

test('a secret is read without the blanks around it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'));
  try {
    const file = join(folder, 'token');
    writeFileSync(file, '  abc\n');
    assert.equal(readSecretFile(file, 'the token file', 'Write one.'), 'abc');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a secret that cannot be read, or is empty, stops the program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'));
  const refused = (file: string, message: RegExp): void => {
    assert.throws(
      () => readSecretFile(file, 'the token file', 'Write one.'),
      (error) =>
        error instanceof Fault &&
        error.code === 'bad-configuration' &&
        error.exitStatus === 2 &&
        error.remedy === 'Write one.' &&
        message.test(error.message),
    );
  };
  try {
    refused(join(folder, 'none'), /the token file .*none cannot be read/);
    refused(folder, /cannot be read/);
    writeFileSync(join(folder, 'empty'), ' \n');
    refused(join(folder, 'empty'), /empty is empty/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
