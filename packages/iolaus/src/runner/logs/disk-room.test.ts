import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../logging/logger.ts';
import { openDiskRoom } from './disk-room.ts';

const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

function openScene() {
  const told: string[] = [];
  const logger = createLogger({
    program: 'test',
    level: 'info',
    destination: { isTerminal: false, write: (text) => void told.push(text) },
  });
  const clock = {
    now: () => 0,
    elapsed: () => 0,
    after: (_: number, act: () => void) => {
      queueMicrotask(act);
      return () => {};
    },
  };
  return { room: openDiskRoom({ directory: '/logs', clock, logger }), told };
}

test('what finds no space waits for it, which is said once, and once that there is some', async () => {
  const { room, told } = openScene();
  const fails = [full, full, full];
  const deed = async (): Promise<string> => {
    const failure = fails.pop();
    if (failure !== undefined) throw failure;
    return 'written';
  };
  assert.equal(await room.awaitFor(deed, () => true), 'written');
  assert.equal(told.length, 2);
  assert.match(told[0] ?? '', /no space left for logs/);
  assert.match(told[1] ?? '', /space for logs again/);
});

test('what nobody wants any more does not wait', async () => {
  const { room } = openScene();
  const deed = (): Promise<never> => Promise.reject(full);
  assert.equal(await room.awaitFor(deed, () => false), null);
});

test('what fails for another reason fails', async () => {
  const { room, told } = openScene();
  const deed = (): Promise<never> => Promise.reject(new Error('broken'));
  await assert.rejects(
    room.awaitFor(deed, () => true),
    /broken/,
  );
  assert.deepEqual(told, []);
});
