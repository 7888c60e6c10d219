import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { computeHash, equalHashes } from '../hash/hash.ts';
import {
  derivationPath,
  parseBaseName,
  parseStorePath,
  printStorePath,
} from '../store-path/store-path.ts';
import type { StorePath } from '../store-path/store-path.ts';
import { ages } from '../testing/ages.ts';
import type { Age } from '../testing/ages.ts';
import { scriptDerivation, startPrivateDaemon } from '../testing/index.ts';
import type { PrivateDaemon, Script } from '../testing/index.ts';
import { queryClosure } from './closure.ts';
import { DaemonConnection } from './connection.ts';
import { oldestVersion } from './protocol.ts';

const run = promisify(execFile);
const nowhere = parseBaseName(`${'0'.repeat(32)}-nowhere`);

for (const age of ages) describe(`with the daemon of ${age.name}`, () => testDaemon(age));

function testDaemon({ programs }: Age): void {
  let daemon: PrivateDaemon;

  before(async () => {
    daemon = await startPrivateDaemon({}, { programs });
  });
  after(() => daemon[Symbol.asyncDispose]());

  const connect = (newestMinor?: number) =>
    DaemonConnection.connect(daemon.address, newestMinor === undefined ? {} : { newestMinor });
  const scripted = (script: Script) => scriptDerivation(daemon.address.storeDirectory, script);
  const full = (path: StorePath) => printStorePath(daemon.address.storeDirectory, path);

  test('a derivation is built, and its log comes line by line, whatever bytes are in it', async () => {
    await using connection = await connect();
    const { path, derivation, output } = scripted({
      name: 'built',
      script: String.raw`echo one; echo >&2; printf '\377\n'; printf end; echo built > $out`,
    });
    const log: Buffer[] = [];
    const result = await connection.buildDerivation(path, derivation, {
      onLog: (line) => void log.push(Buffer.from(line)),
    });
    assert.equal(result.status, 'built');
    assert.deepEqual(result.outputs, new Map([['out', output]]));
    assert.deepEqual(
      log.map((line) => line.toString('latin1')),
      ['one', '', 'ÿ', 'end'],
    );
    assert.equal(await readFile(full(output), 'utf8'), 'built\n');
    const again = await connection.buildDerivation(path, derivation);
    assert.equal(again.status, 'already-valid');
    assert.deepEqual(again.outputs, result.outputs);
  });

  test('the phase that a builder is in is told, and is no line of the log', async () => {
    await using connection = await connect();
    const { path, derivation } = scripted({
      name: 'phases',
      script: `echo '@nix {"action":"setPhase","phase":"installPhase"}' >&2; echo > $out`,
    });
    const told: string[] = [];
    await connection.buildDerivation(path, derivation, {
      onLog: (line) => void told.push(`line ${Buffer.from(line).toString()}`),
      onPhase: (phase) => void told.push(phase),
    });
    assert.deepEqual(told, ['installPhase']);
  });

  test('a failed build is a result that says why', async () => {
    await using connection = await connect();
    const { path, derivation } = scripted({ name: 'failing', script: 'echo alas; exit 3' });
    const result = await connection.buildDerivation(path, derivation);
    assert.equal(result.status, 'permanent-failure');
    assert.match(result.message, /builder .*failed with exit code 3/);
    assert.equal(result.outputs.size, 0);
    assert.equal(await connection.isValidPath(nowhere), false);
  });

  test('destroying the connection ends the builder', async () => {
    const alive = join(daemon.directory, 'alive');
    const never = join(daemon.directory, 'never');
    await run('mkfifo', [alive, never]);
    const connection = await connect();
    const { path, derivation } = scripted({
      name: 'endless',
      script: `exec 3> ${alive}; echo started; read line < ${never}; echo > $out`,
    });
    const lifeline = createReadStream(alive).resume();
    const result = connection.buildDerivation(path, derivation, {
      onLog: () => connection.destroy(),
    });
    await assert.rejects(result, { kind: 'closed' });
    // The pipe ends when nobody has it open any more.
    await once(lifeline, 'end');
    await using later = await connect();
    assert.equal(await later.isValidPath(scripted({ name: 'x', script: '' }).output), false);
  });

  test('builds that take too long, or are silent too long, time out', async () => {
    for (const limit of [{ overrides: new Map([['timeout', '1']]) }, { maxSilentSeconds: 1 }]) {
      await using connection = await connect();
      await connection.setOptions(limit);
      const { path, derivation } = scripted({
        name: 'slow',
        script: '/bin/sleep 600; echo > $out',
      });
      const { status } = await connection.buildDerivation(path, derivation);
      assert.equal(status, 'timed-out');
    }
  });

  test('a build that says too much is ended', async () => {
    await using connection = await connect();
    await connection.setOptions({ overrides: new Map([['max-build-log-size', '1000']]) });
    const { path, derivation } = scripted({
      name: 'chatty',
      script: 'while :; do echo more and more; done',
    });
    const { status } = await connection.buildDerivation(path, derivation);
    assert.equal(status, 'log-limit-exceeded');
  });

  test('an archive moves to another daemon as it is', async () => {
    await using other = await startPrivateDaemon();
    await using from = await connect();
    await using to = await DaemonConnection.connect(other.address);
    const { derivation, path, output } = scripted({
      name: 'large',
      script: '/usr/bin/head -c 20000000 /dev/urandom > $out',
    });
    await from.buildDerivation(path, derivation);
    const info = (await from.queryPathInfo(output)) ?? assert.fail();
    await to.addToStoreNar(info, from.narFromPath(output, info.narSize));
    const arrived = (await to.queryPathInfo(output)) ?? assert.fail();
    assert.ok(equalHashes(arrived.narHash, info.narHash));
    const nar = await buffer(to.narFromPath(output, info.narSize));
    assert.equal(nar.length, info.narSize);
    assert.ok(equalHashes(computeHash('sha256', nar), info.narHash));
    assert.equal(await from.isValidPath(output), true);
    assert.equal(await to.isValidPath(output), true);
  });

  test('an archive with another hash than announced is refused, and the connection goes on', async () => {
    await using connection = await connect();
    const path = await connection.addTextToStore('honest', 'text');
    const info = (await connection.queryPathInfo(path)) ?? assert.fail();
    const lie = {
      ...info,
      path: nowhere,
      contentAddress: null,
      narHash: computeHash('sha256', ''),
    };
    const nar = await buffer(connection.narFromPath(path, info.narSize));
    await assert.rejects(connection.addToStoreNar(lie, inOnePiece(nar)), {
      kind: 'operation',
      message: /hash mismatch/,
    });
    assert.equal(await connection.isValidPath(path), true);
    assert.equal(await connection.isValidPath(nowhere), false);
  });

  test('derivations that Nix evaluates are added and queried', async () => {
    await using connection = await connect();
    const expression = `
      let base = { system = builtins.currentSystem; builder = "/bin/sh"; };
          one = derivation (base // { name = "one"; args = [ "-c" "echo > $out" ]; });
      in derivation (base // { name = "two"; inherit one; args = [ "-c" "echo $one > $out" ]; })`;
    const { stdout } = await run('nix-instantiate', ['--expr', expression], {
      env: daemon.environment,
    });
    const two = derivationPath(parseStorePath(daemon.address.storeDirectory, stdout.trim()));
    const closure = await queryClosure(connection, [two]);
    assert.deepEqual(
      closure.map(({ path }) => path.slice(33)),
      ['one.drv', 'two.drv'],
    );
    const missing = await connection.queryMissing([
      { type: 'outputs', derivation: two, outputs: 'all' },
      { type: 'path', path: nowhere },
    ]);
    assert.deepEqual(missing.willBuild.toSorted(), closure.map(({ path }) => path).toSorted());
    assert.deepEqual(missing.unknown, [nowhere]);
  });

  test('a thousand paths and more are asked for ahead of the answers', async () => {
    await using connection = await connect();
    const path = await connection.addTextToStore('asked-for', 'text');
    const paths = Array.from({ length: 3000 }, (_, index) => (index % 3 === 0 ? nowhere : path));
    const infos = await connection.queryPathInfos(paths);
    assert.deepEqual(
      infos.map((info) => info?.path ?? nowhere),
      paths,
    );
    await connection.addTempRoots(paths);
    assert.deepEqual(await connection.queryValidPaths(paths), new Set([path]));
  });

  test('roots keep paths from being collected: temporary ones as long as their connection', async () => {
    await using asking = await connect();
    // A connection that was closed has its roots until the daemon has noticed.
    const collectUntilGone = async (path: StorePath) => {
      do await run('nix-store', ['--gc'], { env: daemon.environment });
      while (await asking.isValidPath(path));
    };
    const adding = await connect();
    const temporary = await adding.addTextToStore('temporary', 'text');
    const linked = await adding.addTextToStore('linked', 'text');
    const loose = await adding.addTextToStore('loose', 'text');
    const link = join(daemon.directory, 'result');
    await symlink(full(linked), link);
    const rooting = await connect();
    await rooting.addTempRoot(temporary);
    await rooting.addIndirectRoot(link);
    adding.close();
    await collectUntilGone(loose);
    assert.deepEqual(
      await asking.queryValidPaths([temporary, linked]),
      new Set([temporary, linked]),
    );
    rooting.close();
    await collectUntilGone(temporary);
    assert.equal(await asking.isValidPath(linked), true);
    assert.equal(await readlink(link), full(linked));
  });

  test('what cannot be had is an error of the operation', async () => {
    await using connection = await connect();
    await assert.rejects(connection.ensurePath(nowhere), { kind: 'operation', message: /nowhere/ });
    assert.equal(await connection.queryPathInfo(nowhere), null);
  });

  test('every protocol from the oldest to the newest that it knows is spoken', async () => {
    await using newest = await connect();
    for (let minor = oldestVersion.minor; minor <= newest.protocol.minor; minor++) {
      await using connection = await connect(minor);
      assert.equal(connection.protocol.minor, minor);
      await connection.setOptions({});
      const source = await connection.addTextToStore(`source-${minor}`, 'text');
      const { path, derivation, output } = scripted({
        name: `old-${minor}`,
        script: `read text < ${full(source)}; echo log; echo $text > $out`,
        inputSources: [source],
      });
      const log: string[] = [];
      const result = await connection.buildDerivation(path, derivation, {
        onLog: (line) => void log.push(Buffer.from(line).toString()),
      });
      assert.deepEqual([result.status, log], ['built', ['log']]);
      assert.equal(result.outputs.get('out'), output);
      const info = (await connection.queryPathInfo(output)) ?? assert.fail();
      const nar = await buffer(connection.narFromPath(output, info.narSize));
      await connection.addToStoreNar(info, inOnePiece(nar), { repair: true });
      assert.deepEqual(await connection.queryValidPaths([output, nowhere]), new Set([output]));
      const failure = connection.ensurePath(nowhere);
      await assert.rejects(failure, {
        kind: 'operation',
        message: /^path '.*nowhere' (does not exist|is required)/,
      });
    }
  });
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
