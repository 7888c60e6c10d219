import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Fault } from '../fault/fault.ts';
import { takeInstanceLock } from './instance-lock.ts';

const options = { warn: (sentence: string): void => assert.fail(sentence) };

test("one has the lock at a time, and it is the one that Hydra's runner takes", () => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  try {
    const file = join(folder, 'queue-runner/lock');
    const others = (): number | null => spawnSync('flock', ['--nonblock', file, 'true']).status;
    {
      using _lock = takeInstanceLock(file, options);
      assert.equal(others(), 1);
      assert.throws(
        () => takeInstanceLock(file, options),
        (error) => error instanceof Fault && error.code === 'data-folder-in-use',
      );
    }
    assert.equal(others(), 0);
    using _again = takeInstanceLock(file, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a lock in a place that is none is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  try {
    writeFileSync(join(folder, 'file'), '');
    assert.throws(
      () => takeInstanceLock(join(folder, 'file/queue-runner/lock'), options),
      (error) => error instanceof Fault && error.code === 'not-permitted',
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
