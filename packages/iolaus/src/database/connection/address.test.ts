import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { describeError, Fault } from '../../fault/fault.ts';
import type { FaultCode } from '../../fault/catalogue.ts';
import { openDatabase } from './connection.ts';
import type { Database } from './connection.ts';
import { emptyTestDatabase } from '../testing.ts';

/** How opening fails. Nothing of the fault, its cause included, holds the password `s3cret`. */
async function refusalOf(url: string, code: FaultCode): Promise<string> {
  const opened: unknown = await openDatabase({
    url,
    maxConnections: 1,
    applicationName: 'test',
  }).catch((error: unknown) => error);
  assert.ok(opened instanceof Fault, `${url} was let through: ${String(opened)}`);
  assert.equal(opened.code, code);
  assert.doesNotMatch(inspect(opened, { depth: 9 }), /cret/);
  return `${describeError(opened)} ${opened.remedy}`;
}

test('an address that cannot be understood is told without the password in it', async () => {
  for (const url of [
    'postgres://hydra:s3/cret@db.example/hydra',
    'postgres://hydra:s3?cret@db.example/hydra',
    'postgres://hydra:s3#cret@db.example/hydra',
    'postgres://hydra:s3cret@db.example:port/hydra',
    "host=db.example password='s3 cret'",
    'host=db.example password = s3cret',
  ]) {
    const told = await refusalOf(url, 'bad-usage');
    assert.match(told, /db\.example.*is no address of a database/);
    assert.match(told, /postgres:\/\/user@host:5432\/hydra/);
  }
});

test('a server that does not answer is named, without the password', async () => {
  for (const url of [
    'postgres://hydra:s3cret@127.0.0.1:1/hydra',
    'postgres://hydra:s3@cret@127.0.0.1:1/hydra',
    'postgres://hydra@127.0.0.1:1/hydra?application_name=x&password=s3cret',
  ]) {
    const told = await refusalOf(url, 'database-unreachable');
    assert.match(told, /127\.0\.0\.1:1\/hydra/);
    assert.match(told, /ECONNREFUSED/);
  }
  assert.match(
    await refusalOf('postgres://hydra:s3cret@no-such-host.invalid/hydra', 'database-unreachable'),
    /no-such-host\.invalid/,
  );
});

test('a wrong password is told as such, without the password', async () => {
  await using made = await emptyTestDatabase();
  const { database, url } = made;
  await database.query(`create role careful login password 'right'`);
  const [file] = await database.query<{ hba_file: string }>('show hba_file');
  await database.query(
    `copy (values ('local all careful scram-sha-256'), ('local all all trust')) to '${file?.hba_file}'`,
  );
  await reload(database);
  const urlWith = (password: string): string => url.replace('iolaus@', `careful:${password}@`);
  assert.match(
    await refusalOf(urlWith('s3cret'), 'database-unreachable'),
    /password authentication failed for user "careful"/,
  );
  const opened = await openDatabase({
    url: urlWith('right'),
    maxConnections: 1,
    applicationName: 'test',
  });
  await opened.close();
});

/** Resolves when the server has read its files: it tells its sessions before it takes up another one. */
async function reload(database: Database): Promise<void> {
  const read = async (): Promise<string | undefined> => {
    const [row] = await database.query<{ at: string }>('select pg_conf_load_time()::text as at');
    return row?.at;
  };
  const before = await read();
  await database.query('select pg_reload_conf()');
  while ((await read()) === before);
}
