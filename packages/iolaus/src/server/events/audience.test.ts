import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventStream } from '../http/event-stream.ts';
import { createAudience } from './audience.ts';

test('who does not take what it is sent is kept nothing for, and told to read again when it does', async () => {
  const sent: string[] = [];
  const drained = Promise.withResolvers<void>();
  const waiting = { bytes: 0 };
  const stream: EventStream = {
    gone: new AbortController().signal,
    get waitingBytes() {
      return waiting.bytes;
    },
    send: (bytes) => void sent.push(Buffer.from(bytes).toString()),
    drained: () => drained.promise,
    end() {},
    drop() {},
  };
  const audience = createAudience(() => Buffer.from('reset'));
  audience.admit(stream, ['builds'], []);
  const tell = (text: string): void => {
    for (const group of audience.groups()) audience.tell(group, Buffer.from(text));
  };
  tell('one');
  waiting.bytes = 1_000_000;
  tell('two');
  tell('three');
  assert.deepEqual(sent, ['one']);
  waiting.bytes = 0;
  drained.resolve();
  await drained.promise;
  await Promise.resolve();
  tell('four');
  assert.deepEqual(sent, ['one', 'reset', 'four']);
});
