import assert from 'node:assert/strict';
import test from 'node:test';
import { apiRoot } from '../../api/contract.ts';
import { insertUploads, postponeUpload, readUploads } from '../../database/uploads.ts';
import { addUser, tokenOf } from '../testing/accounts.ts';
import { ask } from '../testing/ask.ts';
import { serveScene } from '../testing/serve-scene.ts';

test('who operates the farm sees what could not be published, and has it tried again', async () => {
  await using served = await serveScene();
  const { database, server } = served;
  await addUser(database, 'operator', ['admin']);
  const shown = await tokenOf(database, 'operator', ['operate']);
  const send = async (method: string, path: string) => {
    const headers = { ...shown, 'content-type': 'application/json' };
    const { status, text } = await ask(server.url, apiRoot + path, { method, headers });
    return { status, body: JSON.parse(text) };
  };
  const wanted = ['one', 'two', 'three'].map((derivation) => ({ derivation, outputs: ['out'] }));
  await database.transaction((transaction) =>
    insertUploads(transaction, ['https://me:secret@there/cache?secret-key=/key'], wanted),
  );
  for (const { id, derivation } of await readUploads(database, 'all'))
    await postponeUpload(database, {
      id,
      notBefore: 5_000,
      error: 'refused',
      isGivenUp: derivation !== 'three',
    });

  const { body } = await send('GET', '/uploads?givenUp=true&limit=1');
  const [first] = body.items;
  assert.deepEqual(first, {
    id: first.id,
    store: 'https://there/cache',
    derivation: 'one',
    outputs: ['out'],
    tries: 1,
    notBefore: null,
    error: 'refused',
    givenUp: true,
  });
  const next = await send('GET', `/uploads?givenUp=true&cursor=${body.next}`);
  assert.deepEqual([next.body.items[0].derivation, next.body.next], ['two', null]);
  const waiting = await send('GET', '/uploads?givenUp=false');
  assert.equal(waiting.body.items[0].notBefore, '1970-01-01T00:00:05.000Z');

  assert.deepEqual((await send('POST', `/uploads/${first.id}/retry`)).body, {
    uploads: [first.id],
  });
  assert.equal((await send('POST', `/uploads/${first.id}/retry`)).status, 404);
  assert.equal((await send('POST', '/uploads/retry')).body.uploads.length, 1);
  assert.deepEqual(await readUploads(database, 'given-up'), []);
});
