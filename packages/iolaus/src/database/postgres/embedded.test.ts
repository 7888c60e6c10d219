import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { Fault } from '../../fault/fault.ts';
import { openDatabase } from '../connection/connection.ts';
import type { Database } from '../connection/connection.ts';
import { startEmbeddedDatabase } from './embedded.ts';
import type { EmbeddedDatabase } from './embedded.ts';
import { chooseAccount, makeOwnFolder, spawnAs } from './account.ts';
import type { Account } from './account.ts';
import { faultOfPostgres } from './fault.ts';
import { findPostgres, linkLibraries } from './programs.ts';

type Place = AsyncDisposable & {
  readonly folder: string;
  readonly directory: string;
  start(onTrouble?: (error: unknown) => void): Promise<EmbeddedDatabase>;
};

/** A folder for one server; what still runs in it is stopped at the end. */
async function place({ name = 'x', durable = false, mode = 0o755 } = {}): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-'));
  await chmod(folder, mode);
  const directory = join(folder, 'data');
  const servers: EmbeddedDatabase[] = [];
  return {
    folder,
    directory,
    async start(onTrouble = () => {}) {
      const socketDirectory = join(folder, name);
      const server = await startEmbeddedDatabase({
        directory,
        socketDirectory,
        durable,
        onTrouble,
      });
      servers.push(server);
      return server;
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function use<Result>(
  url: string,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase({ url, maxConnections: 2, applicationName: 'test' });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const note = (url: string, text: string): Promise<unknown> =>
  use(url, async (database) => {
    await database.query('create table if not exists notes (text text)');
    await database.query('insert into notes values ($1)', [text]);
  });

const notes = (url: string): Promise<string[]> =>
  use(url, async (database) => {
    const rows = await database.query<{ text: string }>('select text from notes order by text');
    return rows.map(({ text }) => text);
  });

/** Waits for the end of a process that is not our child. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    // A zombie that nobody has asked for is gone, too.
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    if (/\) [ZX]/.test(state)) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('what is written is there after a stop and another start', async () => {
  await using here = await place();
  const first = await here.start();
  await note(first.url, 'kept');
  await first.stop();
  await assert.rejects(stat(join(here.directory, 'cluster', 'postmaster.pid')));
  const second = await here.start();
  assert.deepEqual(await notes(second.url), ['kept']);
});

test('a server is stopped while others are connected, and as often as one likes', async () => {
  await using here = await place();
  const server = await here.start();
  const database = await openDatabase({
    url: server.url,
    maxConnections: 2,
    applicationName: 'test',
  });
  const waiting = assert.rejects(database.query('select pg_sleep(60)'));
  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
  await waiting;
  await database.close();
});

test('it knows every letter, and orders and folds them the same on every machine', async () => {
  await using here = await place();
  const server = await here.start();
  const rows = await use(server.url, (database) =>
    database.query(
      `select lower('ÄÉΩ') as "lower", current_setting('server_encoding') as "encoding",
         (select datlocprovider::text || ' ' || datlocale from pg_database where datname = current_database()) as "locale"`,
    ),
  );
  assert.deepEqual(rows, [{ lower: 'äéω', encoding: 'UTF8', locale: 'b C.UTF-8' }]);
});

test('nobody else may look into its folders, and no port is open', async () => {
  await using here = await place();
  const server = await here.start();
  for (const folder of [here.directory, join(here.folder, 'x')]) {
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
  }
  const rows = await use(server.url, (database) => database.query('show listen_addresses'));
  assert.deepEqual(rows, [{ listen_addresses: '' }]);
});

test('a transaction goes on, and a listener hears again, when the server was killed', async () => {
  await using here = await place({ durable: true });
  const troubles: unknown[] = [];
  const server = await here.start((error) => troubles.push(error));
  await note(server.url, 'before');
  await use(server.url, async (database) => {
    const reconnected = Promise.withResolvers<void>();
    const heard = Promise.withResolvers<string>();
    const listener = await database.listen(
      ['here'],
      (_, payload) => heard.resolve(payload),
      reconnected.resolve,
    );
    await using _ = { [Symbol.asyncDispose]: () => listener.close() };
    const { pid } = server;
    let attempts = 0;
    await database.transaction(async (transaction) => {
      attempts += 1;
      await transaction.query(`insert into notes values ('during')`);
      if (attempts === 1) {
        process.kill(pid, 'SIGKILL');
        await untilGone(pid);
      }
      await transaction.query('select 1');
    });
    await reconnected.promise;
    await database.query(`select pg_notify('here', 'again')`);
    assert.equal(await heard.promise, 'again');
  });
  assert.deepEqual(await notes(server.url), ['before', 'during']);
  assert.match(String(troubles[0]), /ended by itself/);
});

/** A process of its own, under an account, that starts a server and tells its number and address. */
async function startElsewhere(
  here: Place,
  account: Account,
): Promise<{ parent: ChildProcess; pid: number; url: string }> {
  const program = `
    import { startEmbeddedDatabase } from ${JSON.stringify(import.meta.resolve('./embedded.ts'))};
    const { pid, url } = await startEmbeddedDatabase(JSON.parse(process.argv[1]));
    console.log(JSON.stringify({ pid, url }));`;
  const options = { directory: here.directory, socketDirectory: join(here.folder, 'x') };
  const parent = spawnAs(
    account,
    [process.execPath, '--input-type=module', '--eval', program, JSON.stringify(options)],
    { environment: process.env, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  assert.ok(parent.stdout !== null);
  const [line] = await once(createInterface(parent.stdout), 'line');
  return { parent, ...JSON.parse(String(line)) };
}

for (const { who, mode } of [
  { who: 'a user', mode: 0o755 },
  { who: 'a user with a folder that nobody else may enter', mode: 0o700 },
]) {
  test(`${who} who is killed takes the server along, and nothing committed is lost`, async () => {
    await using here = await place({ mode });
    const { parent, pid, url } = await startElsewhere(here, { type: 'ourselves' });
    await note(url, 'committed');
    parent.kill('SIGKILL');
    await untilGone(pid);
    const server = await here.start();
    assert.deepEqual(await notes(server.url), ['committed']);
  });
}

test('an ordinary user has a server, which root can start later', async () => {
  await using here = await place();
  const cluster = join(here.directory, 'cluster');
  const account = chooseAccount(cluster, [import.meta.filename, findPostgres().folder]);
  makeOwnFolder(here.folder, account);
  const { parent, pid, url } = await startElsewhere(here, account);
  await note(url, 'ordinary');
  parent.kill('SIGKILL');
  await untilGone(pid);
  const server = await here.start();
  assert.deepEqual(await notes(server.url), ['ordinary']);
});

test('a server that an earlier run left behind is stopped first', async () => {
  await using here = await place();
  const first = await here.start();
  await note(first.url, 'left');
  await first.stop();
  // One that nobody watches over, as after a kill on a system without parent-death signals.
  const cluster = join(here.directory, 'cluster');
  const programs = linkLibraries(findPostgres(), join(here.directory, 'libraries'));
  const account = chooseAccount(cluster, [here.directory, programs.folder]);
  const starter = spawnAs(
    account,
    [
      join(programs.folder, 'bin', 'pg_ctl'),
      'start',
      '--wait',
      '--pgdata',
      cluster,
      '--log',
      join(cluster, 'left.log'),
      '--options',
      `-k ${join(here.folder, 'x')} -c listen_addresses=`,
    ],
    { environment: programs.environment, stdio: 'ignore' },
  );
  const [status] = await once(starter, 'exit');
  assert.equal(status, 0);
  const pid = Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  const second = await here.start();
  await untilGone(pid);
  assert.notEqual(second.pid, pid);
  assert.deepEqual(await notes(second.url), ['left']);
});

test('a first start that was interrupted is begun anew', async () => {
  await using here = await place();
  await mkdir(join(here.directory, 'cluster.unfinished', 'base'), { recursive: true });
  const server = await here.start();
  await note(server.url, 'works');
  assert.deepEqual((await readdir(here.directory)).toSorted(), [
    'cluster',
    'libraries',
    'server.log',
  ]);
});

test('a path that is too long for a socket is replaced by one in the folder for such', async () => {
  await using here = await place({ name: 'x'.repeat(100) });
  const server = await here.start();
  await note(server.url, 'works');
  const socketFolder = decodeURIComponent(new URL(server.url).host.replace(/:5432$/, ''));
  assert.equal(join(socketFolder, '..'), tmpdir());
  await server.stop();
  await assert.rejects(stat(socketFolder));
});

test('a cluster of another version of PostgreSQL is left alone', async () => {
  await using here = await place();
  await (await here.start()).stop();
  await writeFile(join(here.directory, 'cluster', 'PG_VERSION'), '17\n');
  await assert.rejects(here.start(), (error) => {
    assert.ok(error instanceof Fault);
    assert.equal(error.code, 'foreign-database');
    assert.match(error.message, /PostgreSQL 17, and this is 18/);
    return true;
  });
});

test('a server that does not start tells why', async () => {
  await using here = await place();
  await (await here.start()).stop();
  await writeFile(join(here.directory, 'cluster', 'postgresql.conf'), 'shared_buffers = plenty\n');
  await assert.rejects(here.start(), (error) => {
    assert.ok(error instanceof Fault);
    assert.equal(error.code, 'child-failed');
    assert.match(error.remedy ?? '', /invalid value for parameter "shared_buffers"/);
    return true;
  });
});

test('a full disk is called so, and other troubles are told in the words of the server', () => {
  const folder = tmpdir();
  const full = faultOfPostgres('PostgreSQL did not start', {
    said: 'FATAL:  could not write: No space left on device\nLOG:  shutting down',
    folder,
  });
  assert.equal(full.code, 'disk-full');
  const said = `${'a\n'.repeat(100)}FATAL: the reason`;
  const other = faultOfPostgres('PostgreSQL did not start', { said, folder });
  assert.equal(other.code, 'child-failed');
  assert.match(other.remedy ?? '', /the reason$/);
  assert.ok((other.remedy ?? '').split('\n').length < 10);
});
