import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { fromUtf8 } from '../byte-string.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { printDerivation } from '../derivation/print-derivation.ts';
import { computeHash } from '../hash/hash.ts';
import {
  derivationPath,
  parseBaseName,
  parseStorePath,
  printStorePath,
  storePathDigest,
} from '../store-path/store-path.ts';
import type { StorePath } from '../store-path/store-path.ts';
import { ages } from '../testing/ages.ts';
import type { Age } from '../testing/ages.ts';
import { scriptDerivation, startPrivateDaemon } from '../testing/index.ts';
import type { PrivateDaemon } from '../testing/index.ts';
import { DaemonConnection } from './connection.ts';
import type { DaemonEvent } from './event.ts';
import { operations } from './operations/catalogue.ts';
import { since } from './protocol.ts';

const run = promisify(execFile);
const nowhere = parseBaseName(`${'0'.repeat(32)}-nowhere`);
const textMethod = { method: 'text', algorithm: 'sha256' } as const;

for (const age of ages) describe(`all operations of ${age.name}`, () => testOperations(age));

function testOperations({ programs }: Age): void {
  let daemon: PrivateDaemon;

  before(async () => {
    daemon = await startPrivateDaemon({}, { programs });
  });
  after(() => daemon[Symbol.asyncDispose]());

  const connect = () => DaemonConnection.connect(daemon.address);
  const full = (path: StorePath) => printStorePath(daemon.address.storeDirectory, path);
  const instantiate = async (expression: string) => {
    const { stdout } = await run('nix-instantiate', ['--expr', expression], {
      env: daemon.environment,
    });
    return derivationPath(parseStorePath(daemon.address.storeDirectory, stdout.trim()));
  };
  const simple = (name: string, more = '', script = 'echo > $out') =>
    `derivation { name = "${name}"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" ''${script}'' ]; ${more} }`;

  test('derivations are built by their paths, and a failure is an error or a result', async () => {
    await using connection = await connect();
    const [good, bad] = [
      await instantiate(simple('good')),
      await instantiate(simple('bad', '', 'exit 3')),
    ];
    const all = (derivation: typeof good) =>
      ({ type: 'outputs', derivation, outputs: 'all' }) as const;
    await connection.buildPaths([all(good)]);
    await assert.rejects(connection.buildPaths([all(bad)]), {
      kind: 'operation',
      message: /exit code 3/,
    });
    const results = await connection.buildPathsWithResults([all(good), all(bad)]);
    const statuses = new Map(
      results.map(({ target, result }) => [target.type === 'outputs' && target.derivation, result]),
    );
    assert.equal(statuses.get(good)?.status, 'already-valid');
    assert.equal(statuses.get(bad)?.status, 'permanent-failure');
    const outputs = await connection.queryDerivationOutputMap(good);
    const output = outputs.get('out') ?? assert.fail();
    assert.deepEqual(statuses.get(good)?.outputs, outputs);
    assert.deepEqual(await connection.queryValidDerivers(output), [good]);
    assert.equal(await connection.queryPathFromHashPart(storePathDigest(output)), output);
    assert.equal(await connection.queryPathFromHashPart('0'.repeat(32)), null);
  });

  test('objects are added by their contents, many at once, and know who refers to them', async () => {
    await using connection = await connect();
    const flat = await connection.addToStore(
      'flat',
      { method: 'flat', algorithm: 'sha256' },
      pieces('flat'),
    );
    assert.equal(await readFile(full(flat), 'utf8'), 'flat');
    const user = await connection.addToStore('user', textMethod, pieces(full(flat)), {
      references: [flat],
    });
    assert.deepEqual(await connection.queryReferrers(flat), [user]);
    await using other = await startPrivateDaemon({}, { programs });
    await using to = await DaemonConnection.connect({
      ...other.address,
      storeDirectory: daemon.address.storeDirectory,
    });
    await assert.rejects(to.isValidPath(flat), { kind: 'operation' });
  });

  test('many archives are imported by one request', async () => {
    await using connection = await connect();
    const first = await connection.addTextToStore('first', 'of two');
    const second = await connection.addTextToStore('second', full(first), [first]);
    const paths = [];
    for (const info of await connection.queryClosure([second])) {
      const nar = await buffer(connection.narFromPath(info.path, info.narSize));
      paths.push({ info, nar: () => pieces(nar) });
    }
    connection.close();
    await using again = await connect();
    do await again.collectGarbage('delete-dead');
    while (await again.isValidPath(first));
    await again.addMultipleToStore(paths);
    assert.deepEqual(await again.queryValidPaths([first, second]), new Set([first, second]));
    assert.equal(await readFile(full(second), 'utf8'), full(first));
  });

  test('what an output turned out to be is remembered', async () => {
    await using connection = await connect();
    const derivation: Derivation = {
      ...scriptDerivation(daemon.address.storeDirectory, {
        name: 'floating',
        script: 'echo > $out',
      }).derivation,
      outputs: new Map([['out', { type: 'floating', method: 'nar', algorithm: 'sha256' }]]),
    };
    const withOut = (out: string): Derivation => ({
      ...derivation,
      environment: new Map([...derivation.environment, [fromUtf8('out'), fromUtf8(out)]]),
    });
    const path = await connection.addDerivation(
      withOut('/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9'),
    );
    const text = printDerivation(daemon.address.storeDirectory, withOut(''));
    const key = { derivation: path, derivationHash: computeHash('sha256', text), output: 'out' };
    assert.equal(await connection.queryRealisation(key), null);
    const [built] = await connection.buildPathsWithResults([
      { type: 'outputs', derivation: path, outputs: ['out'] },
    ]);
    const output = built?.result.outputs.get('out') ?? assert.fail();
    assert.equal((await connection.queryRealisation(key))?.path, output);
    const other = { ...key, derivationHash: computeHash('sha256', 'made up') };
    await connection.registerDrvOutput(other, { path: output, signatures: [] });
    assert.equal((await connection.queryRealisation(other))?.path, output);
  });

  test('signatures and logs are added', async () => {
    await using connection = await connect();
    const path = await connection.addTextToStore('signed', 'text');
    const signature = `key:${'A'.repeat(86)}==`;
    await connection.addSignatures(path, [signature]);
    assert.deepEqual((await connection.queryPathInfo(path))?.signatures, [signature]);
    const derivation = await instantiate(simple('logged'));
    await connection.addBuildLog(derivation, pieces('what went on\n'));
    const { stdout } = await run('nix-store', ['--read-log', full(derivation)], {
      env: daemon.environment,
    });
    assert.equal(stdout, 'what went on\n');
  });

  test('roots are found, garbage is told, and what is alive is not deleted', async () => {
    await using connection = await connect();
    const path = await connection.addTextToStore('rooted', 'text');
    const root = (await connection.findRoots()).find((each) => each.path === path);
    assert.match(root?.link ?? '', /^\{temp:\d+\}$/);
    await assert.rejects(connection.collectGarbage('delete-specific', { paths: [path] }), {
      kind: 'operation',
      message: /alive/,
    });
    const { paths } = await connection.collectGarbage('return-live');
    assert.ok(paths.includes(full(path)));
    await using other = await connect();
    const loose = await other.addTextToStore('loose', 'text');
    await other[Symbol.asyncDispose]();
    const dead = async () => (await connection.collectGarbage('return-dead')).paths;
    while (!(await dead()).includes(full(loose)));
    const { bytesFreed } = await connection.collectGarbage('delete-specific', { paths: [loose] });
    assert.ok(bytesFreed > 0);
    assert.equal(await connection.isValidPath(loose), false);
  });

  test('what a daemon is too old for is a typed error, and nothing is sent', async () => {
    await using connection = await connect();
    const path = await connection.addTextToStore('permanent', 'text');
    const link = join(daemon.directory, 'permanent');
    const rooted = connection.addPermRoot(path, link);
    if (connection.protocol.minor >= since.permanentRoots) {
      await rooted;
      assert.ok((await connection.findRoots()).some((root) => root.link === link));
    } else
      await assert.rejects(rooted, { kind: 'unsupported', message: /AddPermRoot: protocol 1\.36/ });
    await using old = await DaemonConnection.connect(daemon.address, { newestMinor: 21 });
    const results = old.buildPathsWithResults([{ type: 'path', path }]);
    await assert.rejects(results, { kind: 'unsupported' });
    const flat = old.addToStore('flat', { method: 'flat', algorithm: 'sha256' }, pieces('flat'));
    await assert.rejects(flat, { kind: 'unsupported' });
    assert.equal(await old.isValidPath(path), true);
  });

  test('old daemons take archives without frames', async () => {
    await using connection = await connect();
    const text = await connection.addTextToStore('archived', 'text');
    const { narSize } = (await connection.queryPathInfo(text)) ?? assert.fail();
    const nar = await buffer(connection.narFromPath(text, narSize));
    for (const newestMinor of [21, 24, 25]) {
      await using old = await DaemonConnection.connect(daemon.address, { newestMinor });
      const how = { method: 'nar', algorithm: 'sha256' } as const;
      const path = await old.addToStore(`archive-${newestMinor}`, how, pieces(nar));
      assert.equal(await readFile(full(path), 'utf8'), 'text');
    }
  });

  test('the store is verified, optimised, and told in full', async () => {
    await using connection = await connect();
    const path = await connection.addTextToStore('verified', 'text');
    const request = { checkContents: true, repair: false };
    assert.equal(await connection.ask(operations.verifyStore, request), false);
    await connection.ask(operations.optimiseStore, undefined);
    assert.ok((await connection.ask(operations.queryAllValidPaths, undefined)).includes(path));
    assert.deepEqual(await connection.querySubstitutablePaths([nowhere]), []);
    assert.deepEqual(await connection.querySubstitutablePathInfos(new Map([[nowhere, null]])), []);
  });

  test('everything that goes on is told as events', async () => {
    await using connection = await connect();
    const { path, derivation } = scriptDerivation(daemon.address.storeDirectory, {
      name: 'eventful',
      script: `echo line; echo '@nix {"action":"setPhase","phase":"installPhase"}' >&2; echo > $out`,
    });
    const events: DaemonEvent[] = [];
    await connection.buildDerivation(path, derivation, {
      onEvent: (event) => void events.push(event),
    });
    const building = events.find(
      (event) => event.type === 'activity-started' && event.activity.type === 'build',
    );
    assert.ok(building?.type === 'activity-started' && building.activity.type === 'build');
    assert.equal(building.activity.derivation, full(path));
    const lines = events.filter((event) => event.type === 'log-line' && event.id === building.id);
    assert.equal(lines.length, 1);
    const phases = events.filter((event) => event.type === 'phase').map(({ phase }) => phase);
    assert.deepEqual(phases, ['installPhase']);
    const started = events.filter((event) => event.type === 'activity-started').map(({ id }) => id);
    const stopped = events.filter((event) => event.type === 'activity-stopped').map(({ id }) => id);
    assert.deepEqual(new Set(stopped), new Set(started));
  });

  test('a signal gives up a build, and ends its builder', async () => {
    const connection = await connect();
    const { path, derivation } = scriptDerivation(daemon.address.storeDirectory, {
      name: 'given-up',
      script: 'echo begun; /bin/sleep 600',
    });
    const abort = new AbortController();
    const result = connection.buildDerivation(path, derivation, {
      signal: abort.signal,
      onLog: () => abort.abort(new Error('never mind')),
    });
    const waiting = connection.isValidPath(nowhere, { signal: abort.signal });
    await assert.rejects(result, { message: 'never mind' });
    await assert.rejects(waiting, { message: 'never mind' });
    assert.equal(connection.isOpen, false);
  });

  test('a signal gives up an import whose archive does not come', async () => {
    const connection = await connect();
    const path = await connection.addTextToStore('wanting', 'text');
    const info = (await connection.queryPathInfo(path)) ?? assert.fail();
    const abort = new AbortController();
    async function* stuck(): AsyncGenerator<Uint8Array, void, undefined> {
      abort.abort(new Error('never mind'));
      await new Promise<never>(() => {});
      yield new Uint8Array();
    }
    const imported = connection.addToStoreNar({ ...info, path: nowhere }, stuck(), {
      signal: abort.signal,
    });
    await assert.rejects(imported, { message: 'never mind' });
  });

  test('what needs trust is a typed error for those who have none', async () => {
    await using suspicious = await startPrivateDaemon({ 'trusted-users': 'nobody' }, { programs });
    await using connection = await DaemonConnection.connect(suspicious.address);
    assert.notEqual(connection.trusted, true);
    const { path, derivation } = scriptDerivation(suspicious.address.storeDirectory, {
      name: 'input-addressed',
      script: 'echo > $out',
    });
    await assert.rejects(connection.buildDerivation(path, derivation), { kind: 'untrusted' });
    const text = await connection.addTextToStore('text', 'text');
    const info = (await connection.queryPathInfo(text)) ?? assert.fail();
    const nar = await buffer(connection.narFromPath(text, info.narSize));
    const unsigned = { ...info, path: nowhere, contentAddress: null };
    await assert.rejects(connection.addToStoreNar(unsigned, pieces(nar)), { kind: 'untrusted' });
    assert.equal(connection.isOpen, true);
    await assert.rejects(connection.addBuildLog(path, pieces('log')), { kind: 'untrusted' });
    assert.equal(connection.isOpen, false);
  });
}

async function* pieces(data: string | Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(data);
}
