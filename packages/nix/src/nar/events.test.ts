import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { inPieces } from '../testing/in-pieces.ts';
import { eventsOf, trees } from '../testing/file-tree.ts';
import type { FileTree } from '../testing/file-tree.ts';
import { openTemporaryFolder } from '../testing/temporary-folder.ts';
import { dumpNar } from './dump-nar.ts';
import type { NarEvent } from './event.ts';
import { findMember, readMember } from './member.ts';
import { listNar } from './listing.ts';
import { parseNar } from './parse-nar.ts';
import { printNar } from './print-nar.ts';
import { restoreNar } from './restore-nar.ts';

/** As they came out, with the pieces of contents put together and without offsets. */
async function gatherEvents(archive: Iterable<Uint8Array>): Promise<NarEvent[]> {
  const events: NarEvent[] = [];
  for await (const event of parseNar(archive)) {
    const last = events.at(-1);
    if (event.type === 'contents' && last?.type === 'contents') {
      events[events.length - 1] = { ...event, bytes: Buffer.concat([last.bytes, event.bytes]) };
    } else if (event.type === 'regular') {
      const { narOffset: _, ...file } = event;
      events.push(file);
    } else events.push(event);
  }
  return events;
}

test('what is printed is read as it was, in pieces of any size', async () => {
  await fc.assert(
    fc.asyncProperty(trees, fc.array(fc.nat(70)), async (tree, sizes) => {
      const archive = await buffer(printNar(eventsOf(tree)));
      const events = await gatherEvents(inPieces(archive, sizes));
      const plain = (event: NarEvent): NarEvent =>
        event.type === 'contents' ? { ...event, bytes: Buffer.from(event.bytes) } : event;
      assert.deepEqual(events.map(plain), [...eventsOf(tree)].map(plain));
    }),
  );
});

test('what is restored is dumped as it was, whatever bytes are in names and targets', async () => {
  await using folder = await openTemporaryFolder();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(trees, fc.array(fc.nat(200)), async (tree, sizes) => {
      const archive = await buffer(printNar(eventsOf(tree)));
      count += 1;
      const target = `${folder.path}/${count}`;
      await restoreNar(inPieces(archive, sizes), target);
      assert.deepEqual(await buffer(dumpNar(target)), archive);
    }),
  );
});

test('offsets in a listing lead to the contents, and each file can be read alone', async () => {
  const visit = async (tree: FileTree, path: Buffer, archive: Buffer): Promise<void> => {
    const member = findMember(await listNar([archive]), path);
    assert.equal(member?.type, tree.type);
    if (tree.type === 'directory')
      for (const [name, entry] of tree.entries)
        await visit(entry, Buffer.concat([path, Buffer.from(`/${name}`, 'latin1')]), archive);
    if (tree.type !== 'regular' || member?.type !== 'regular') return;
    const { narOffset, size } = member;
    assert.deepEqual(archive.subarray(narOffset, narOffset + size), Buffer.from(tree.bytes));
    assert.deepEqual(await buffer(readMember([archive], path)), Buffer.from(tree.bytes));
  };
  await fc.assert(
    fc.asyncProperty(trees, async (tree) => {
      await visit(tree, Buffer.alloc(0), await buffer(printNar(eventsOf(tree))));
    }),
    { numRuns: 50 },
  );
});
