import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anAttempt } from '../../protocol/testing/runner-pair.ts';
import { openCourt } from '../../testing/court.ts';
import { archived, forLiars, outputOf, refusedAs, said, successOf } from '../../testing/liar.ts';

// Each is refused with an error of a known kind, counted by that kind, and costs the runner, a process of its own, next to
// no memory; an honest builder has something under way all the time, and builds something else meanwhile.

test('a builder that speaks in the name of others is refused and counted, and an honest one beside it notices nothing', async (context) => {
  await using court = await openCourt({});
  const { farm, honest, liar, stranger, refuses } = court;

  await context.test("other machine's ids", async () => {
    await using victim = liar({ hostname: 'philoctetes' });
    const { derivation } = await farm.queue('held', 'echo > $out', forLiars);
    const { attempt } = await victim.orderOf(derivation);
    await refuses({ 'machine-name-taken': 1, 'foreign-attempt': 2 }, async () => {
      const { machine } = victim.join;
      await using impostor = liar({ machine });
      await assert.rejects(impostor.ended, refusedAs('invalid-argument'));
      await using thief = liar();
      const update = { attempt, machine: thief.join.machine, phase: 'building' } as const;
      await assert.rejects(thief.client.updateStep(update), refusedAs('invalid-argument'));
      const report = successOf(attempt, thief.join);
      await assert.rejects(thief.client.completeBuild(report), refusedAs('invalid-argument'));
    });
  });

  await context.test('results for steps that it does not hold', async () => {
    await using boaster = liar();
    await refuses({ 'foreign-attempt': 2, 'unknown-attempt': 1 }, async () => {
      const { client, join, tunnel, ended } = boaster;
      await assert.rejects(
        client.completeBuild(successOf(honest, join)),
        refusedAs('invalid-argument'),
      );
      await assert.rejects(
        client.completeBuild(successOf(anAttempt(), join)),
        refusedAs('not-found'),
      );
      await tunnel.send({ type: 'complete', report: successOf(honest, join) });
      await ended;
    });
  });

  await context.test('what another machine says in the name of who holds a step', async () => {
    await using holder = liar({ hostname: 'philoctetes' });
    const queued = await farm.queue('told-of', 'echo > $out', forLiars);
    const order = await holder.orderOf(queued.derivation);
    const { attempt, derivationPath: derivation } = order;
    const { info, archive } = archived(outputOf(order), 'x');
    const paths = { infos: [info], nar: () => once(archive) };
    const lies = { derivation, attempt, offset: 0, data: once(Buffer.from('lies\n')) };
    // It is given nothing itself.
    await using thief = stranger({ hostname: 'odysseus', systems: ['riscv64-linux'] });
    const { client } = thief;
    await refuses({ 'foreign-attempt': 5, 'unwanted-paths': 1 }, async () => {
      const { machine } = holder.join;
      for (const say of [
        () => client.updateStep({ attempt, machine, phase: 'building' }),
        () => client.completeBuild(successOf(attempt, holder.join)),
        () => client.sendLog(lies),
        () => thief.sendLogOf(derivation, 'lies\n'),
        () => client.sendPaths({ attempt, ...paths }),
        () => client.sendPaths(paths),
      ])
        await assert.rejects(say(), refusedAs('invalid-argument'));
    });
    // The older dialect names no attempt.
    await holder.sendLogOf(derivation, 'said\n');
    await holder.client.sendPaths(paths);
    await holder.client.completeBuild(successOf(attempt, holder.join, said(info)));
    assert.equal(await farm.statusOf(queued.build), 0);
    assert.equal(await farm.logOf(queued), 'said\n');
  });

  await court.close();
});

async function* once(archive: Uint8Array): AsyncGenerator<Uint8Array> {
  yield archive;
}
