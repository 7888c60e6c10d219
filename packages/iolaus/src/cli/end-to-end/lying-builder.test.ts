import assert from 'node:assert/strict';
import { test } from 'node:test';
import { computeHash } from '@iolaus/nix';
import { unmeasured } from '../../protocol/attempt-report.ts';
import type { AttemptReport } from '../../protocol/attempt-report.ts';
import { CallError } from '../../protocol/call-error.ts';
import type { CallStatus } from '../../protocol/call-error.ts';
import { connectRunner } from '../../protocol/client.ts';
import type { RunnerClient } from '../../protocol/client.ts';
import { parseAttemptUuid } from '../../protocol/identity.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { Join, Ping } from '../../protocol/join.ts';
import type { OutgoingPaths } from '../../protocol/store-transfer.ts';
import { aJoin, anAttempt, anInfo, aPath } from '../../protocol/testing/runner-pair.ts';
import type { FromRunner } from '../../protocol/tunnel-message.ts';
import type { ServedRunner } from '../../runner/runner.ts';
import { makeGate } from '../../builder/testing/gate.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

const megabyte = 1024 * 1024;

const refusedAs = (status: CallStatus) => (error: unknown) =>
  error instanceof CallError && error.status === status;

const openLiar = (farm: LiveFarm, runner: ServedRunner): RunnerClient =>
  connectRunner(runner.endpoint, { storeDirectory: farm.daemon.address.storeDirectory });

const pingOf = ({ machine }: Join): Ping => ({
  machine,
  ...{ load1: 0, load5: 0, load15: 0, memoryUsedBytes: 0, pressure: null },
  ...{ buildDirectoryFreePercent: 50, storeFreePercent: 50 },
  ...{ pathsSubstituting: 0, pathsUploading: 0, pathsDownloading: 0 },
});

const successOf = (attempt: AttemptUuid, { machine }: Join): AttemptReport => ({
  attempt,
  machine,
  result: { type: 'succeeded', outputs: new Map() },
  ...unmeasured,
});

/** An archive of a file, as it should be, with zeros behind it that compress to nothing and never end. */
function endlessArchive(): OutgoingPaths {
  const words = ['nix-archive-1', '(', 'type', 'regular', 'contents', 'x', ')'];
  const archive = Buffer.concat(words.map(archiveWord));
  const info = anInfo(aPath('bomb'), archive.length);
  return {
    infos: [{ ...info, narHash: computeHash('sha256', archive) }],
    async *nar() {
      yield archive;
      for (;;) yield Buffer.alloc(megabyte);
    },
  };
}

/** Its length in eight bytes, and zeros up to the next eight. */
function archiveWord(word: string): Buffer {
  const bytes = Buffer.alloc(8 + 8 * Math.ceil(word.length / 8));
  bytes.writeBigUInt64LE(BigInt(word.length));
  bytes.write(word, 8);
  return bytes;
}

async function drain(messages: AsyncIterable<FromRunner>): Promise<void> {
  for await (const _ of messages);
}

test('a builder that lies is refused by kind, and counted; an honest one beside it notices nothing', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _honest = await farm.startBuilder(runner.endpoint);
  const gate = makeGate(farm.folder, 'gate');
  await using liar = openLiar(farm, runner);
  const join: Join = { ...aJoin(), systems: ['none'] };

  // Before anything is built: what is not wanted, and what is too much.
  const infos = [anInfo(aPath('poison'), 3)];
  const sent = liar.sendPaths({ infos, nar: () => ReadableStream.from([Buffer.from('abc')]) });
  await assert.rejects(sent, refusedAs('invalid-argument'));
  const features = Array.from({ length: 10 * 1024 }, () => 'x'.repeat(1024));
  const large = liar.openTunnel({ ...join, supportedFeatures: features });
  await assert.rejects(drain(large.messages), refusedAs('invalid-argument'));

  const build = await farm.queue('honest', `echo said; ${gate.wait}; echo > $out`);
  await farm.logGrows(build, 1, 'said\n');
  const [grant] = await farm.database.query<{ uuid: string }>('select uuid from iolaus.grants');
  const stolen = parseAttemptUuid(grant?.uuid ?? '') ?? assert.fail();

  const tunnel = liar.openTunnel(join);
  const messages = tunnel.messages[Symbol.asyncIterator]();
  await messages.next();
  await assert.rejects(drain(liar.openTunnel(join).messages), refusedAs('invalid-argument'));
  await assert.rejects(liar.completeBuild(successOf(stolen, join)), refusedAs('invalid-argument'));
  await assert.rejects(liar.completeBuild(successOf(anAttempt(), join)), refusedAs('not-found'));
  const falseHash = liar.sendPaths({ infos, nar: () => ReadableStream.from([Buffer.from('abc')]) });
  await assert.rejects(falseHash, refusedAs('invalid-argument'));
  await assert.rejects(liar.sendPaths(endlessArchive()), refusedAs('invalid-argument'));
  for (let pings = 0; pings < 10_000; pings += 1) {
    if (!(await tunnel.send({ type: 'ping', ping: pingOf(join) }))) break;
  }
  await assert.rejects(async () => {
    while ((await messages.next()).done !== true);
  }, refusedAs('resource-exhausted'));

  await gate.open();
  assert.equal(await farm.statusOf(build.build), 0);
  assert.deepEqual(Object.fromEntries(runner.refusals), {
    'unwanted-paths': 1,
    'false-hash': 1,
    'malformed-archives': 1,
    'join-too-large': 1,
    'machine-name-taken': 1,
    'foreign-attempt': 1,
    'unknown-attempt': 1,
    'too-many-pings': 1,
  });
});

test('a log without end and without a line is cut, and costs the build its attempt', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner({ maxLogSize: 1000 });
  await using liar = openLiar(farm, runner);
  const join: Join = { ...aJoin(), systems: ['x86_64-linux', 'aarch64-linux'] };
  const tunnel = liar.openTunnel(join);
  const orders: FromRunner[] = [];
  const listening = (async () => {
    for await (const message of tunnel.messages) orders.push(message);
  })();
  listening.catch(() => {});
  await tunnel.send({ type: 'ping', ping: pingOf(join) });
  const build = await farm.queue('endless', 'echo > $out');
  const { order } = await until(() => orders.find((message) => message.type === 'build'));
  let megabytes = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (; megabytes < 1024; megabytes += 1) yield Buffer.alloc(megabyte, 'x');
  }
  const { attempt, derivationPath: derivation } = order;
  await assert.rejects(
    liar.sendLog({ derivation, attempt, offset: 0, data: endless() }),
    refusedAs('resource-exhausted'),
  );
  assert.ok(megabytes < 100, `${megabytes} MiB were taken`);
  assert.equal(await farm.statusOf(build.build), 10);
  const log = await farm.logOf(build);
  assert.equal(log.slice(0, 1000), 'x'.repeat(1000));
  assert.match(log.slice(1000), /^\n\(the log was cut here: it may have 1000 bytes\)\n$/);
});
