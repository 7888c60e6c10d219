import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, isPassword } from './password.ts';

// Both made by the reference implementation of Argon2; the second of the SHA-1 hash of “café” in hexadecimal digits.
const ofHorse = '$argon2i$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$Pw+NTJCKuc8XnqUPVwaW9Q';
const ofOldCafé = '$argon2id$v=19$m=1024,t=2,p=1$YW5vdGhlcnNhbHRhZ2Fpbg$R/Mq7tHkE3FDyYxzvN9HXQ';

test('the right password is right, and no other', async () => {
  assert.ok(await isPassword('correct horse', ofHorse));
  assert.ok(!(await isPassword('correct hors', ofHorse)));
  assert.ok(!(await isPassword('', ofHorse)));
});

test('a password that Hydra kept as SHA-1 long ago, and hashed once more, is right', async () => {
  assert.ok(await isPassword('café', ofOldCafé));
  assert.ok(!(await isPassword('cafe', ofOldCafé)));
});

test('what is no hash fits no password', async () => {
  for (const stored of ['!', '', 'plain', '$argon2id$v=19$m=1,t=1,p=1$', `${ofHorse}$`]) {
    assert.ok(!(await isPassword(stored, stored)), stored);
  }
});

test('what is kept of a password says nothing of it, and fits it', async () => {
  const [first, second] = await Promise.all([hashPassword('geheim'), hashPassword('geheim')]);
  assert.notEqual(first, second);
  assert.ok(await isPassword('geheim', first));
  assert.ok(!(await isPassword('Geheim', first)));
});
