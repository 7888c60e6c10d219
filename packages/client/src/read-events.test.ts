import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readEvents } from './read-events.ts';

test('events come whole, wherever the stream is cut', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.string()),
    fc.array(fc.nat(20)),
    async (texts, cuts) => {
      const stream = texts
        .map((text) => `:\n\nid: 3\nevent: text\ndata: ${JSON.stringify(text)}\n\n`)
        .join('');
      const read: string[] = [];
      for await (const { event, data } of readEvents(cut(stream, cuts))) {
        assert.equal(event, 'text');
        read.push(data);
      }
      assert.deepEqual(read, texts);
    },
  );
  await fc.assert(property);
});

async function* cut(text: string, lengths: readonly number[]): AsyncGenerator<string> {
  let start = 0;
  for (const length of lengths) {
    yield text.slice(start, start + length);
    start += length;
  }
  yield text.slice(start);
}
