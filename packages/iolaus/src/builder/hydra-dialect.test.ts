import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import { connectRunner } from '../protocol/client/runner-client.ts';
import { BuildConnections } from './attempts/build-connections.ts';
import { openBuilderMemory } from './tunnel/builder-memory.ts';
import { openUplink } from './uploads/upload-directly.ts';
import { openMember } from './tunnel/member.ts';
import { keepMembership } from './tunnel/membership.ts';
import { asHydraRunner } from './testing/hydra-runner.ts';
import { TestRunner } from './testing/runner.ts';
import { builderOptions, scriptOrder } from './testing/scene.ts';

test("Hydra's runner is told by calls, and gets a log even of a build that says nothing", async () => {
  await using daemon = await startPrivateDaemon();
  const { storeDirectory } = daemon.address;
  await using runner = await TestRunner.start({ storeDirectory, sharesStore: false });
  await using client = connectRunner(runner.endpoint, { storeDirectory });
  await using connections = new BuildConnections(daemon.address, { idleMax: 1 });
  using memory = openBuilderMemory(null);
  using uplink = openUplink();
  const stopping = new AbortController();
  const member = await openMember({
    ...builderOptions(daemon, runner.endpoint),
    hostname: 'ares',
    connections,
    uplink,
    memory,
    signal: stopping.signal,
    draining: new AbortController().signal,
  });
  const { ended } = keepMembership(member, [asHydraRunner(client)], stopping.signal);
  const { order, output } = scriptOrder(storeDirectory, { script: 'echo > $out' });
  const attempt = await runner.order(order);
  const { result } = await runner.reportOf(attempt);
  stopping.abort();
  await ended;
  assert.equal(result.type, 'succeeded');
  assert.deepEqual(runner.phasesOf(attempt), [
    'sending-inputs',
    'building',
    'receiving-outputs',
    'post-processing',
  ]);
  assert.equal(runner.logs.get(attempt), '');
  assert.ok(runner.store.has(output));
  assert.deepEqual(Object.fromEntries(runner.calls), {
    updateStep: 4,
    fetchRequisites: 1,
    receiveLog: 1,
    hasPath: 1,
    receivePaths: 1,
    completeBuild: 1,
  });
});
