import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { WriteGathering } from './write-gathering.ts';

/** A stream, and what it was given each time. */
function watchedStream(highWaterMark = 1_000) {
  const given: string[][] = [];
  const stream = new Writable({
    highWaterMark,
    write(chunk: Buffer, _encoding, done) {
      given.push([chunk.toString()]);
      done();
    },
    writev(chunks, done) {
      given.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
  });
  return { stream, given };
}

test('the first of a burst goes at once, the others together', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { stream, given } = watchedStream();
  const gathering = new WriteGathering(stream, 20);
  for (const text of ['one', 'two', 'three']) gathering.write(Buffer.from(text));
  assert.deepEqual(given, [['one']]);
  context.mock.timers.tick(20);
  assert.deepEqual(given, [['one'], ['two', 'three']]);
});

test('what is held back goes when it is asked for', () => {
  const { stream, given } = watchedStream();
  const gathering = new WriteGathering(stream, 60_000);
  for (const text of ['one', 'two']) gathering.write(Buffer.from(text));
  gathering.release();
  assert.deepEqual(given, [['one'], ['two']]);
});

test('a burst that fills the stream goes on', () => {
  const { stream, given } = watchedStream(4);
  const gathering = new WriteGathering(stream, 60_000);
  for (const text of ['1', '2', '3', '456']) gathering.write(Buffer.from(text));
  assert.deepEqual(given, [['1'], ['2', '3', '456']]);
});
