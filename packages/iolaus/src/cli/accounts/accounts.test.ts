import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { findUser } from '../../database/rights/find-user.ts';
import { isPassword } from '../../server/rights/password.ts';
import { recognise } from '../../server/rights/recognise.ts';
import { openOwnDatabase } from '../../testing/farm-database.ts';
import { openFarmFolder } from '../../testing/farm-folder.ts';
import { runIolaus } from '../../testing/iolaus-process.ts';

test('accounts and tokens are made, changed and revoked on the command line', async () => {
  await using folder = await openFarmFolder();
  await using server = await openOwnDatabase(join(folder.path, 'd'), join(folder.path, 'r'));
  const { database } = server;
  const run = (words: readonly string[], input = '') =>
    runIolaus([...words, '--db-url', server.url], { input });
  const user = ['user', 'ada', '--role', 'bump-to-front', '--password-stdin'];
  const made = await run(user, 'geheim\n');
  assert.equal(made.stdout, 'Made ada, who may do: bump-to-front.\n', made.stderr);
  const account = await findUser(database, 'ada');
  assert.ok(account !== null && (await isPassword('geheim', account.password)));
  const changed = await run(['user', 'ada', '--role', 'admin']);
  assert.equal(changed.stdout, 'Changed ada, who may do: admin.\n');
  assert.equal((await findUser(database, 'ada'))?.password, account.password);

  const created = await run(['token', 'create', 'ada', '--name', 'ci', '--scope', 'cancel-build']);
  const introduction = { authorization: `Bearer ${created.stdout.trim()}`, cookie: undefined };
  const now = Math.floor(Date.now() / 1000);
  const visitor = await recognise(database, introduction, now);
  assert.ok(visitor !== 'refused' && visitor.type === 'token');
  assert.deepEqual(visitor.scopes, ['cancel-build']);
  const [token] = JSON.parse((await run(['token', 'list', 'ada', '--json'])).stdout);
  assert.equal(token.name, 'ci');
  assert.match((await run(['token', 'list', 'ada'])).stdout, /^ID +NAME[^]*ci +cancel-build/);
  assert.equal((await run(['token', 'revoke', 'ada', String(token.id)])).status, 0);
  assert.equal(await recognise(database, introduction, now), 'refused');
  for (const words of [
    ['user', 'Ada'],
    ['user', 'ada', '--role', 'god'],
    ['token', 'create', 'eve', '--name', 'x'],
    ['token', 'create', 'ada'],
    ['token', 'revoke', 'ada', '99'],
  ]) {
    const refused = await run(words);
    assert.equal(refused.status, 2, words.join(' '));
    assert.equal(refused.stdout, '');
  }
});
