import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  deleteSession,
  deleteToken,
  insertCredential,
  listTokens,
} from '../../database/rights/credentials.ts';
import { findUser } from '../../database/rights/find-user.ts';
import { testDatabase } from '../../database/testing.ts';
import type { TestDatabase } from '../../database/testing.ts';
import { recognise } from './recognise.ts';
import { makeSecret } from './secrets.ts';

// In a suite, so that the database lasts as long as its tests.
suite('who asks', () => {
  let made: TestDatabase;
  const now = 1_790_000_000;
  const ada = { name: 'ada', fullName: null, roles: ['bump-to-front'], projects: ['engines'] };
  const introduce = (secret: string) => ({ authorization: `Bearer ${secret}`, cookie: undefined });

  before(async () => {
    made = await testDatabase();
    const { database } = made;
    await database.query(
      `insert into users (username, emailaddress, password) values ('ada', '', '!')`,
    );
    await database.query(`insert into userroles values ('ada', 'bump-to-front')`);
    await database.query(
      `insert into projects (name, displayname, owner) values ('engines', '', 'ada')`,
    );
    await database.query(`insert into projectmembers values ('engines', 'ada')`);
  });
  after(() => made[Symbol.asyncDispose]());

  test('an account has its roles and its projects, each once', async () => {
    assert.deepEqual(await findUser(made.database, 'ada'), { ...ada, password: '!' });
    assert.equal(await findUser(made.database, 'eve'), null);
  });

  test('whoever shows nothing is anonymous, whoever shows something else is refused', async () => {
    const { database } = made;
    const nothing = { authorization: undefined, cookie: 'other=1; theme=dark' };
    assert.deepEqual(await recognise(database, nothing, now), { type: 'anonymous' });
    for (const authorization of ['Bearer wrong', 'Basic YTpi', '', 'Bearer ']) {
      assert.equal(await recognise(database, { authorization, cookie: undefined }, now), 'refused');
    }
  });

  test('a token is its user with its scopes, until it expires or is revoked', async () => {
    const { database } = made;
    const { shown, hash } = makeSecret('iolaus_token_');
    const scopes = ['bump-to-front'];
    const token = {
      hash,
      user: 'ada',
      name: 'script',
      scopes,
      createdAt: now,
      expiresAt: now + 60,
    };
    const id = await insertCredential(database, token);
    const asked = introduce(shown);
    assert.deepEqual(await recognise(database, asked, now), { type: 'token', user: ada, scopes });
    const { hash: _, user: __, ...listed } = token;
    assert.deepEqual(await listTokens(database, 'ada'), [{ id, ...listed, usedAt: now }]);
    assert.equal(await recognise(database, asked, now + 60), 'refused');
    assert.equal(await deleteToken(database, 'eve', id), false);
    assert.equal(await deleteToken(database, 'ada', id), true);
    assert.equal(await recognise(database, asked, now), 'refused');
  });

  test('a session is its user until it ends', async () => {
    const { database } = made;
    const { shown, hash } = makeSecret('iolaus_session_');
    const times = { createdAt: now, expiresAt: now + 60 };
    await insertCredential(database, { hash, user: 'ada', name: null, scopes: null, ...times });
    const asked = { authorization: undefined, cookie: `theme=dark; iolaus_session=${shown}` };
    assert.deepEqual(await recognise(database, asked, now), { type: 'session', user: ada });
    assert.deepEqual(await listTokens(database, 'ada'), []);
    await deleteSession(database, hash, now);
    assert.equal(await recognise(database, asked, now), 'refused');
  });

  test('nothing that is kept would let anybody in', async () => {
    const { shown, hash } = makeSecret('iolaus_token_');
    const kept = {
      hash,
      user: 'ada',
      name: 'kept',
      scopes: [],
      createdAt: now,
      expiresAt: now + 60,
    };
    await insertCredential(made.database, kept);
    const rows = await made.database.query(
      'select to_jsonb(c)::text as row from iolaus.credentials c',
    );
    assert.ok(rows.length > 0 && !JSON.stringify(rows).includes(shown.slice(-43)));
  });
});
