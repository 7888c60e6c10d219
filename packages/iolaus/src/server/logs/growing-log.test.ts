import assert from 'node:assert/strict';
import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { followFile } from './growing-log.ts';
import type { GrowingLog, LogText } from './growing-log.ts';
import type { LogHandle } from './unpacked-logs.ts';

async function writeLog(context: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'growing-'));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'log');
  await writeFile(path, text);
  return path;
}

/** The file, and how often it has been read so far. */
async function openCounted(path: string): Promise<{ file: LogHandle; reads: () => number }> {
  const file = await open(path);
  const read = file.read.bind(file);
  let reads = 0;
  Object.assign(file, {
    read: (buffer: Buffer, start: number, length: number, position: number) => {
      reads += 1;
      return read(buffer, start, length, position);
    },
  });
  return { file, reads: () => reads };
}

/** The pieces from `offset` up to `end`. */
async function readUpTo(log: GrowingLog, offset: number, end: number): Promise<LogText[]> {
  const pieces: LogText[] = [];
  for (let at = offset; at < end;) {
    const piece = await log.read(at, false);
    if (piece === undefined) await log.change();
    else {
      pieces.push(piece);
      at = piece.offset;
    }
  }
  return pieces;
}

const textOf = (pieces: readonly LogText[]): string => pieces.map(({ text }) => text).join('');

test('who follows the same file shares what comes, and who comes late catches up with them', async (context) => {
  const path = await writeLog(context, 'before\n');
  await using early = await followFile(await open(path));
  await using late = await followFile(await open(path));
  await appendFile(path, 'after\n');
  assert.equal(textOf(await readUpTo(late, 3, 13)), 'ore\nafter\n');
  const [mine] = await readUpTo(early, 7, 13);
  const [theirs] = await readUpTo(late, 7, 13);
  assert.equal(mine, theirs);
});

test('five hundred who are ten seconds behind read the file a few times, wherever each of them is', async (context) => {
  const bytes = 10 * 150_000;
  const path = await writeLog(
    context,
    'a line of some log or other, with é\n'.repeat(50_000).slice(0, bytes),
  );
  const counted = await openCounted(path);
  await using first = await followFile(counted.file);
  const places = 10;
  const all = await Promise.all(
    Array.from({ length: 500 }, (_, number) => readUpTo(first, (number % places) * 37, first.size)),
  );
  const pieces = Math.ceil(first.size / (64 * 1024));
  assert.ok(counted.reads() <= pieces + places, `${counted.reads()} reads`);
  assert.equal(textOf(all[499] ?? []), textOf(all[0] ?? []).slice(9 * 36));
});

test('a character across the end of a piece comes whole', async (context) => {
  for (const before of [-3, -2, -1, 0, 1]) {
    const text = `${'x'.repeat(64 * 1024 + before)}𝄞 and more`;
    const path = await writeLog(context, text);
    await using log = await followFile(await open(path));
    assert.equal(textOf(await readUpTo(log, 0, log.size)), text);
  }
});
