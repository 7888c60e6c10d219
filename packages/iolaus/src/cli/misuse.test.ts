import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { openOwnDatabase } from '../testing/farm-database.ts';
import { openFarmFolder } from '../testing/farm-folder.ts';
import type { FarmFolder } from '../testing/farm-folder.ts';
import { runIolaus, startIolaus } from '../testing/iolaus-process.ts';
import type { Ending, RunOptions } from '../testing/iolaus-process.ts';
import { scriptExpression } from '../testing/script-expression.ts';

/** Status 2, and on standard error what is wrong, then what would be right, and nothing of our own insides. */
function assertRefused(end: Ending, message: RegExp): void {
  assert.equal(end.status, 2, JSON.stringify(end));
  assert.equal(end.stdout, '');
  assert.match(end.stderr, message);
  assert.equal(end.stderr.match(/^iolaus: /gm)?.length, 1, end.stderr);
  assert.doesNotMatch(end.stderr, /^ {4}at /m);
}

async function refuseBefore(
  folder: FarmFolder,
  parameters: readonly string[],
  message: RegExp,
  options?: RunOptions,
): Promise<void> {
  const end = await runIolaus([...parameters, '--state-dir', folder.state], options);
  assertRefused(end, message);
  assert.equal(existsSync(folder.state), false, 'nothing was begun');
}

test('a command line that cannot be understood is refused before anything is begun', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write('good.nix', goodFile);
  await refuseBefore(folder, ['frobnicate'], /there is no command 'frobnicate'/);
  await refuseBefore(folder, ['build', file, '--frob'], /--frob/);
  await refuseBefore(folder, ['build'], /takes one file, not 0/);
  await refuseBefore(folder, ['build', file, file], /takes one file, not 2/);
  await refuseBefore(folder, ['build', file, '--slots', '0'], /--slots is '0'/);
  const short = await runIolaus(['build', file, '--state-dir', folder.state, '--arg', 'x']);
  assertRefused(short, /--arg takes a name and a value/);
  await refuseBefore(folder, ['up', '--slots', 'two'], /--slots is 'two'/);
  await refuseBefore(folder, ['up', '--port', '99999'], /--port is 99999, which is not a port/);
});

test('a file that does not exist is named', async () => {
  await using folder = await openFarmFolder();
  const missing = join(folder.path, 'missing.nix');
  await refuseBefore(folder, ['build', missing], new RegExp(`there is no file ${missing}`));
  await refuseBefore(folder, ['up', missing], new RegExp(`there is no file ${missing}`));
});

test('a wrong setting is named with its line and what would be right', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write('good.nix', goodFile);
  const refused = async (text: string, message: RegExp): Promise<void> => {
    const config = await folder.write('farm.toml', text);
    await refuseBefore(folder, ['build', file, '--config', config], message);
  };
  await refused('[runner]\nmaxRetrys = 3\n', /line 2.* runner\.maxRetrys[^]*maxRetries was meant/);
  await refused('[builder]\nmaxJobs = "many"\n', /line 2.* builder\.maxJobs is the text "many"/);
  await refused('[runner]\ndbUrl = "nowhere"\n', /'nowhere' is no address of a database/);
  await refused('[runner\n', /line 1.* not TOML/);
  const none = join(folder.path, 'none.toml');
  await refuseBefore(folder, ['up', '--config', none], /none\.toml does not exist/);
});

test('a part alone refuses as the whole farm does', async () => {
  await using folder = await openFarmFolder();
  const config = await folder.write('part.toml', 'maxRetrys = 3\n');
  const message = /line 1.* maxRetrys/;
  assertRefused(await runIolaus(['runner', '--config', config]), message);
  assertRefused(await runIolaus(['builder', '--config', config]), message);
  assertRefused(await runIolaus(['server', '--config', config]), message);
  assertRefused(await runIolaus(['server'], noDatabase), /does not know its database/);
});

const noDatabase = { environment: { HYDRA_DATABASE_URL: undefined } };

test('a mistake in the file is told with the position that Nix gives', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write('wrong.nix', '{\n  a = 1;\n  b = ;\n}\n');
  const end = await runIolaus(['build', file, '--state-dir', folder.state, '--json']);
  assertRefused(end, /syntax error, unexpected ';'[^]*wrong\.nix:3:7/);
});

test('an attribute that does not exist is named, and those like it', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write('good.nix', goodFile);
  const end = await runIolaus(['build', file, '-A', 'goof', '--state-dir', folder.state]);
  assertRefused(end, /there is no attribute goof in .*good\.nix\nThere is good/);
});

test("a database that is not one of Hydra's, or is not there, is refused and left alone", async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write('good.nix', goodFile);
  const build = ['build', file, '--db-url'];
  {
    await using foreign = await openOwnDatabase(join(folder.path, 'd'), join(folder.path, 'r'));
    await foreign.database.query('create table invoices (id int)');
    await refuseBefore(folder, [...build, foreign.url], /not one of Hydra's: .*invoices/);
    const tables = await foreign.database.query(
      `select tablename from pg_tables where schemaname = 'public'`,
    );
    assert.deepEqual(tables, [{ tablename: 'invoices' }]);
    await refuseBefore(folder, [...build, `${foreign.url}-not`], /does not let us in/);
  }
  const nobody = 'postgres://hydra:secret@127.0.0.1:1/hydra';
  await refuseBefore(folder, [...build, nobody], /hydra:\*\*\*@127\.0\.0\.1:1\S* does not answer/);
  await refuseBefore(folder, [...build, 'mysql://there'], /is no address of a database/);
  await refuseBefore(folder, [...build, 'postgres://host:port/hydra'], /is no address/);
});

test('a folder and a port belong to one farm at a time', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write('good.nix', goodFile);
  await using first = startIolaus(['up', '--state-dir', folder.state, '--port', '0']);
  const told = await first.told(/the page is at (\S+)/i);
  const { port } = new URL(/the page is at (\S+)/i.exec(told)?.[1] ?? '');

  const second = await runIolaus(['build', file, '--state-dir', folder.state]);
  assertRefused(second, new RegExp(`in use by another iolaus \\(process ${first.pid}\\)`));
  const other = join(folder.path, 'o');
  const third = await runIolaus(['up', file, '--state-dir', other, '--port', port]);
  assertRefused(third, new RegExp(`port ${port}`));

  first.signal('SIGINT');
  assert.equal((await first.ended).status, 0);
});

test('where the usual port is taken the page is elsewhere, which is said', async () => {
  await using folder = await openFarmFolder();
  await using _holder = await holdPort(3_000);
  await using farm = startIolaus(['up', '--state-dir', folder.state]);
  const said = /Another program has port 3000, so the page is at (\S+)/;
  const told = await farm.told(said);
  const page = await fetch(said.exec(told)?.[1] ?? '');
  assert.equal(page.status, 200);
  await page.body?.cancel();
  farm.signal('SIGINT');
  assert.equal((await farm.ended).status, 0);
});

/** Waits for whoever else has it for a while. */
async function holdPort(port: number): Promise<Server> {
  for (;;) {
    const server = createServer((visitor) => visitor.destroy());
    server.listen(port, 'localhost');
    try {
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
      await sleep(holdAgainMilliseconds);
    }
  }
}

const holdAgainMilliseconds = 200;

test('a daemon that refuses, or is not there, is named', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write('good.nix', goodFile);
  const socket = join(folder.path, 'nix.sock');
  const refused = async (message: RegExp): Promise<void> => {
    const environment = { NIX_REMOTE: `unix://${socket}` };
    const end = await runIolaus(['build', file, '--state-dir', folder.state], { environment });
    assertRefused(end, message);
  };
  await refused(new RegExp(`no Nix daemon answers at unix://${socket}`));
  await using server = createServer((visitor) => visitor.destroy());
  await once(server.listen(socket), 'listening');
  await refused(new RegExp(`the Nix daemon of unix://${socket} .* this user`));
});

test('a state folder that cannot be one is named', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write('good.nix', goodFile);
  const end = await runIolaus(['build', file, '--state-dir', join(file, 'below')]);
  assertRefused(end, /good\.nix\/below cannot be a folder/);
});

const goodFile = `let ${scriptExpression} in { good = run "good" "echo hello > $out" { }; }`;
