import assert from 'node:assert/strict';
import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { indexLog } from './indexed-log.ts';
import { LineIndex } from './line-index.ts';
import { readLines } from './read-lines.ts';
import { searchLog } from './search-log.ts';

async function logOf(context: TestContext, content: string) {
  const folder = await mkdtemp(join(tmpdir(), 'log-lines-'));
  const path = join(folder, 'log');
  await writeFile(path, content);
  const file = await open(path);
  context.after(async () => {
    await file.close();
    await rm(folder, { recursive: true });
  });
  return { file, path };
}

const numbered = (count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

test('any lines can be had, from any place of a log', async (context) => {
  const { file } = await logOf(context, `${numbered(5_000)}and no end`);
  for (const from of [1, 2, 256, 257, 258, 4_990]) {
    const { lines } = await readLines(file, from, 3);
    assert.deepEqual(lines, [`line ${from}`, `line ${from + 1}`, `line ${from + 2}`]);
  }
  assert.deepEqual((await readLines(file, 5_000, 10)).lines, ['line 5000', 'and no end']);
  assert.deepEqual((await readLines(file, 6_000, 10)).lines, []);
});

test('lines that are far too long are given one after the other, cut', async (context) => {
  const long = 'x'.repeat(700_000);
  const { file } = await logOf(context, `${long}\n${long}\n${long}\nshort\n`);
  assert.ok((await readLines(file, 1, 4)).lines.length < 4);
  assert.deepEqual((await readLines(file, 4, 1)).lines, ['short']);
});

test('a log that grows is looked through once, and one that begins anew again', async (context) => {
  const { file, path } = await logOf(context, 'one\ntwo\nthr');
  assert.equal((await indexLog(file)).end.line, 3);
  await appendFile(path, 'ee\nfour\n');
  assert.equal((await indexLog(file)).end.line, 5);
  assert.deepEqual((await readLines(file, 3, 2)).lines, ['three', 'four']);
  await writeFile(path, 'anew\n');
  assert.deepEqual((await readLines(file, 1, 9)).lines, ['anew']);
});

test('who asks for the first lines of a long log does not wait for the rest', async (context) => {
  const { file } = await logOf(context, numbered(200_000));
  const index = await indexLog(file, 100);
  assert.ok(index.end.line < 100_000);
  assert.equal((await indexLog(file)).end.line, 200_001);
});

test('a style goes on into lines that are asked for by themselves', async (context) => {
  const { file } = await logOf(context, `\u001b[31m${numbered(1_000)}`);
  assert.equal((await readLines(file, 700, 1)).style, '\u001b[31m');
});

test('an index is the same, however the lines come', () => {
  const line = fc.constantFrom('a', 'Running phase: buildPhase', '\u001b[1mbold', '', 'installing');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 900 }), fc.nat(900), (lines, cut) => {
      const [whole, halves] = [new LineIndex(), new LineIndex()];
      const bytesOf = (some: readonly string[]): Buffer =>
        Buffer.from(some.map((text) => `${text}\n`).join(''));
      whole.add(bytesOf(lines));
      halves.add(bytesOf(lines.slice(0, cut)));
      halves.add(bytesOf(lines.slice(cut)));
      assert.deepEqual(halves.end, whole.end);
      assert.deepEqual(halves.phases, whole.phases);
      assert.deepEqual(halves.markBefore(cut + 1), whole.markBefore(cut + 1));
    }),
  );
});

test('a text is found in every line that has it, in any case, wherever one begins', async (context) => {
  const words = Array.from({ length: 30_000 }, (_, index) =>
    index % 1_000 === 7 ? 'an Érror: ERROR' : 'x'.repeat(index % 90),
  );
  const { file } = await logOf(context, words.join('\n'));
  const all = Array.from({ length: 30 }, (_, index) => index * 1_000 + 8);
  const find = (text: string, from = 1, limit = 100) => searchLog(file, { text, from, limit });
  assert.deepEqual(await find('error'), { lines: all, next: null });
  assert.deepEqual(await find('Érror'), { lines: all, next: null });
  assert.deepEqual(await find('error', 10_000), { lines: all.slice(10), next: null });
  const some = await find('error', 1, 7);
  assert.deepEqual(some.lines, all.slice(0, 7));
  assert.deepEqual((await find('error', some.next ?? 0)).lines, all.slice(7));
  assert.deepEqual(await find('nothing'), { lines: [], next: null });
});
