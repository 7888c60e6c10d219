import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Fault } from '../fault/fault.ts';
import { takeInstanceLock } from './instance-lock.ts';

const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;

const options = { warn: (sentence: string): void => assert.fail(sentence) };

test("one has the lock at a time, and it is the one that Hydra's runner takes", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  try {
    const file = join(folder, 'queue-runner/lock');
    const others = (): number | null => spawnSync('flock', ['--nonblock', file, 'true']).status;
    {
      using _lock = await takeInstanceLock(file, options);
      assert.equal(others(), 1);
      await assert.rejects(takeInstanceLock(file, options), isFault('data-folder-in-use'));
    }
    assert.equal(others(), 0);
    using _again = await takeInstanceLock(file, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('who may wait says so, and takes the lock when its holder has ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  try {
    const file = join(folder, 'lock');
    const former = await takeInstanceLock(file, options);
    const said: string[] = [];
    const warn = (sentence: string): void => {
      said.push(sentence);
      former[Symbol.dispose]();
    };
    using _lock = await takeInstanceLock(file, { waitSeconds: 60, warn });
    assert.deepEqual(said, [`another queue runner has the lock ${file}; it has 60 seconds to end`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a lock in a place that is none is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  try {
    writeFileSync(join(folder, 'file'), '');
    await assert.rejects(
      takeInstanceLock(join(folder, 'file/queue-runner/lock'), options),
      isFault('not-permitted'),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
