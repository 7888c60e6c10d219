import assert from 'node:assert/strict';
import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { followFile } from './growing-log.ts';
import type { GrowingLog, LogText } from './growing-log.ts';

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

test('who follows the same file shares what comes, and who comes late catches up with them', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'growing-'));
  context.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'log');
  await writeFile(path, 'before\n');
  await using early = await followFile(await open(path));
  await using late = await followFile(await open(path));
  await appendFile(path, 'after\n');
  const [, shared] = await readUpTo(early, 0, 13);
  const seen = await readUpTo(late, 3, 13);
  assert.deepEqual(
    seen.map(({ text }) => text),
    ['ore\n', 'after\n'],
  );
  assert.equal(seen.at(-1), shared);
});
