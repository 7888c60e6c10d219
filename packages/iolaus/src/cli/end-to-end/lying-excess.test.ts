import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCourt } from '../../testing/court.ts';
import { archived, forLiars, outputOf, pingOf, refusedAs } from '../../testing/liar.ts';

// Each is refused with an error of a known kind, counted by that kind, and costs the runner, a process of its own, next to
// no memory; an honest builder has something under way all the time, and builds something else meanwhile.

const megabyte = 1024 * 1024;
const maxLogSize = 1_000;
const maxOutputSize = megabyte;

test('a builder that sends without end is refused and counted, and an honest one beside it notices nothing', async (context) => {
  await using court = await openCourt({ maxLogSize, maxOutputSize });
  const { farm, liar, refuses } = court;

  await context.test('NARs that decompress without end', async () => {
    await using bomber = liar();
    const queued = await farm.queue('bomb', 'echo > $out', forLiars);
    const order = await bomber.orderOf(queued.derivation);
    const { info, archive } = archived(outputOf(order), 'x');
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield archive;
      for (;;) yield Buffer.alloc(megabyte);
    }
    await refuses({ 'malformed-archives': 1 }, async () => {
      const { attempt } = order;
      await assert.rejects(
        bomber.client.sendPaths({ attempt, infos: [info], nar: endless }),
        refusedAs('invalid-argument'),
      );
    });
  });

  await context.test('an output larger than it may be', async () => {
    await using hoarder = liar();
    const queued = await farm.queue('hoard', 'echo > $out', forLiars);
    const { attempt, ...order } = await hoarder.orderOf(queued.derivation);
    assert.equal(order.maxOutputBytes, maxOutputSize);
    const { info, archive } = archived(outputOf({ attempt, ...order }), 'x'.repeat(maxOutputSize));
    await refuses({ 'too-large': 1 }, async () => {
      const paths = { infos: [info], nar: () => once(archive) };
      const refused = hoarder.client.sendPaths({ attempt, ...paths });
      await assert.rejects(refused, refusedAs('resource-exhausted'));
    });
  });

  await context.test('10,000 pings a second', async () => {
    await using chatterer = liar();
    await refuses({ 'too-many-pings': 1 }, async () => {
      const ping = { type: 'ping', ping: pingOf(chatterer.join) } as const;
      for (let pings = 0; pings < 10_000; pings += 1) {
        if (!(await chatterer.tunnel.send(ping))) break;
      }
      await assert.rejects(chatterer.ended, refusedAs('resource-exhausted'));
    });
  });

  await context.test('a join with 10 MB of features', async () => {
    await refuses({ 'join-too-large': 1 }, async () => {
      const features = Array.from({ length: 10 * 1024 }, () => 'x'.repeat(1024));
      await using giant = liar({ supportedFeatures: features });
      await assert.rejects(giant.ended, refusedAs('invalid-argument'));
    });
  });

  await context.test('a join with a million features of no length', async () => {
    await refuses({ 'message-too-large': 1 }, async () => {
      await using crowd = liar({ supportedFeatures: Array.from({ length: 1e6 }, () => '') });
      await assert.rejects(crowd.ended, refusedAs('out-of-range'));
    });
  });

  await context.test('a join with numbers that are none', async () => {
    await refuses({ 'absurd-join': 2 }, async () => {
      for (const changes of [{ speedFactor: NaN }, { maxJobs: 2 ** 32 - 1 }]) {
        await using braggart = liar(changes);
        await assert.rejects(braggart.ended, refusedAs('invalid-argument'));
      }
    });
  });

  await context.test('a log with no newline for 1 GB', async () => {
    await using babbler = liar();
    const queued = await farm.queue('endless', 'echo > $out', forLiars);
    const { attempt, derivationPath } = await babbler.orderOf(queued.derivation);
    let megabytes = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; megabytes < 1024; megabytes += 1) yield Buffer.alloc(megabyte, 'x');
    }
    await refuses({ 'log-too-long': 1 }, async () => {
      const log = { derivation: derivationPath, attempt, offset: 0, data: endless() };
      await assert.rejects(babbler.client.sendLog(log), refusedAs('resource-exhausted'));
    });
    assert.ok(megabytes < 100, `${megabytes} MiB were taken`);
    assert.equal(await farm.statusOf(queued.build), 10);
    const log = await farm.logOf(queued);
    assert.equal(log.slice(0, maxLogSize), 'x'.repeat(maxLogSize));
    assert.match(log.slice(maxLogSize), /^\n\(the log was cut here: it may have 1000 bytes\)\n$/);
  });

  await court.close();
});

async function* once(archive: Uint8Array): AsyncGenerator<Uint8Array> {
  yield archive;
}
