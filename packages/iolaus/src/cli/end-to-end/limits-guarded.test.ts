import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeGate } from '../../builder/testing/gate.ts';
import { forLiars, openLiar, successOf } from '../../testing/liar.ts';
import { openLiveFarm } from '../../testing/live-farm.ts';

const guardPace = { graceMilliseconds: 200, lookMilliseconds: 50 };

test('builds of a builder that keeps no limit are ended by the runner, and it is told so; another one builds on', async () => {
  await using farm = await openLiveFarm();
  const gate = makeGate(farm.folder, 'gate');
  const honest = await farm.queue('honest', `echo said; ${gate.wait}; echo > $out`);
  const silent = await farm.queue('silent', 'echo > $out', forLiars);
  const endless = await farm.queue('endless', 'echo > $out', forLiars);
  const limit = 'update builds set maxsilent = $2, timeout = $3 where id = $1';
  await farm.database.query(limit, [honest.build, 3_600, 3_600]);
  await farm.database.query(limit, [silent.build, 1, 3_600]);
  await farm.database.query(limit, [endless.build, 3_600, 2]);
  await using runner = await farm.startRunner({}, { guardPace });
  await using _builder = await farm.startBuilder(runner.endpoint);
  await farm.logGrows(honest, 1, 'said\n');

  await using liar = openLiar(runner.endpoint, farm.daemon.address.storeDirectory);
  const begin = async ({ derivation }: typeof silent) => {
    const { attempt, derivationPath } = await liar.orderOf(derivation);
    const update = { attempt, machine: liar.join.machine, phase: 'building' } as const;
    await liar.client.updateStep(update);
    return { attempt, derivation: derivationPath };
  };
  const [mute, babbler] = [await begin(silent), await begin(endless)];
  const stop = new AbortController();
  async function* babble(): AsyncGenerator<Uint8Array> {
    for (; !stop.signal.aborted; await sleep(20)) yield Buffer.from('on\n');
  }
  const babbling = liar.client.sendLog({ ...babbler, offset: 0, data: babble() });

  for (const [queued, { attempt }, message] of [
    [silent, mute, 'timed out after 1 seconds of silence'],
    [endless, babbler, 'timed out after 2 seconds'],
  ] as const) {
    assert.equal(await farm.statusOf(queued.build), 7);
    await liar.abortOf(attempt);
    // What it says of it now is of no interest to anybody.
    await liar.client.completeBuild(successOf(attempt, liar.join));
    assert.deepEqual(
      (await farm.steps(queued.build)).map((step) => [step.status, step.message, step.machine]),
      [[7, message, 'sinon']],
    );
  }
  assert.match(await farm.logOf(endless), /^(on\n)+$/);
  stop.abort();
  await babbling;

  await gate.open();
  assert.equal(await farm.statusOf(honest.build), 0);
  assert.deepEqual(
    (await farm.steps(honest.build)).map(({ status, machine }) => [status, machine]),
    [[0, 'ares']],
  );
});
