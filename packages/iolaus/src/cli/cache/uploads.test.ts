import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareOwnSchema } from '../../database/schema/own-schema.ts';
import { testDatabase } from '../../database/testing.ts';
import { insertUploads, postponeUpload, readUploads } from '../../database/uploads.ts';
import { runIolaus } from '../../testing/iolaus-process.ts';

test('what could not be published is told with the reason and without secrets, and tried again when somebody says so', async () => {
  await using made = await testDatabase();
  const { database, url } = made;
  await prepareOwnSchema(database);
  await database.transaction((transaction) =>
    insertUploads(
      transaction,
      ['https://me:secret@there/cache?secret-key=/key'],
      [
        { derivation: 'lost.drv', outputs: ['lost'] },
        { derivation: 'next.drv', outputs: ['next'] },
      ],
    ),
  );
  const [lost] = await readUploads(database, 'all');
  assert.ok(lost !== undefined);
  await postponeUpload(database, {
    id: lost.id,
    notBefore: 0,
    error: '403 AccessDenied',
    isGivenUp: true,
  });
  const uploads = async (...parameters: readonly string[]): Promise<string> => {
    const told = await runIolaus(['cache', 'uploads', '--db-url', url, ...parameters]);
    assert.equal(told.status, 0, told.stderr);
    return told.stdout;
  };

  assert.equal(
    await uploads(),
    'lost.drv to https://there/cache: given up, tries: 1, 403 AccessDenied\n' +
      'next.drv to https://there/cache: waiting, tries: 0\n',
  );
  const [given, ...others] = JSON.parse(await uploads('--given-up', '--json'));
  assert.deepEqual([given.id, given.store, others], [lost.id, 'https://there/cache', []]);
  assert.deepEqual(JSON.parse(await uploads('--retry', '--json')), { retried: [lost.id] });
  assert.equal(await uploads('--given-up'), 'Nothing was given up.\n');
  const [again] = await readUploads(database, 'all');
  assert.deepEqual([again?.tries, again?.isGivenUp], [0, false]);
});
