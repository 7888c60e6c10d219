import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { readUntil } from './read-until.ts';

async function* piecesThenSilence(signal: AbortSignal): AsyncGenerator<number> {
  yield 1;
  yield 2;
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

test('what comes is read until it is wanted no more, also where nothing more comes', async () => {
  const [over, silence] = [new AbortController(), new AbortController()];
  const read: number[] = [];
  const reading = (async () => {
    for await (const piece of readUntil(over.signal, piecesThenSilence(silence.signal))) {
      read.push(piece);
      if (piece === 2) over.abort(new Error('it is over'));
    }
  })();
  await assert.rejects(reading, { message: 'it is over' });
  assert.deepEqual(read, [1, 2]);
  silence.abort();
});

test('what ends by itself is read to its end', async () => {
  const read: number[] = [];
  const pieces = Readable.from([1, 2]);
  for await (const piece of readUntil<number>(new AbortController().signal, pieces)) {
    read.push(piece);
  }
  assert.deepEqual(read, [1, 2]);
});
