import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { openTemporaryFolder } from '../testing/temporary-folder.ts';
import { readAhead } from './read-ahead.ts';

test('a file comes whole, each chunk good until the next is asked for', async () => {
  await using folder = await openTemporaryFolder();
  const file = join(folder.path, 'file');
  const bytes = Buffer.alloc(3_500_000, 'abcdefg');
  await writeFile(file, bytes);
  const descriptor = openSync(file, 'r');
  const copies: Buffer[] = [];
  for await (const chunk of readAhead(descriptor)) copies.push(Buffer.from(chunk));
  assert.ok(Buffer.concat(copies).equals(bytes));
  closeSync(descriptor);
});

test('who stops early can close the file at once', async () => {
  await using folder = await openTemporaryFolder();
  const file = join(folder.path, 'file');
  await writeFile(file, Buffer.alloc(5_000_000));
  const before = readdirSync('/proc/self/fd').length;
  const descriptor = openSync(file, 'r');
  for await (const _ of readAhead(descriptor)) break;
  closeSync(descriptor);
  assert.equal(readdirSync('/proc/self/fd').length, before);
});

test('what cannot be read is the error of the system', async () => {
  await using folder = await openTemporaryFolder();
  const descriptor = openSync(folder.path, 'r');
  await assert.rejects(buffer(readAhead(descriptor)), { code: 'EISDIR' });
  closeSync(descriptor);
});
