import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import { Fault } from '../../fault/fault.ts';
import { createLogger } from '../../logging/logger.ts';
import { connectRunner } from '../../protocol/client/runner-client.ts';
import type { RunnerClient, VersionAnswer } from '../../protocol/client/runner-client.ts';
import { BuildConnections } from '../attempts/build-connections.ts';
import { openBuilderMemory } from './builder-memory.ts';
import { openUplink } from '../uploads/upload-directly.ts';
import { openMember } from './member.ts';
import { keepMembership } from './membership.ts';
import { asHydraRunner } from '../testing/hydra-runner.ts';
import { TestRunner } from '../testing/runner.ts';
import { builderOptions } from '../testing/scene.ts';

test('a runner of another version ends the builder, with what both speak', async () => {
  const answer: VersionAnswer = { type: 'incompatible', runnerVersion: '9.9.9-deadbeef' };
  await using scene = await openMembership((client) => ({
    ...asHydraRunner(client),
    checkVersion: async () => answer,
  }));
  for (const promise of [scene.begun, scene.ended]) {
    await assert.rejects(promise, (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.code, 'protocol-mismatch');
      assert.match(error.message, /9\.9\.9-deadbeef.*0\.1\.0-5f82f0f0/);
      return true;
    });
  }
});

test('a builder that is stopped before it reached its runner stops', async () => {
  await using scene = await openMembership((client) => ({
    ...asHydraRunner(client),
    checkVersion: (_, options) =>
      new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(options.signal?.reason));
        scene.stop();
      }),
  }));
  await scene.ended;
});

async function openMembership(change: (client: RunnerClient) => RunnerClient) {
  await using opening = new AsyncDisposableStack();
  const daemon = opening.use(await startPrivateDaemon());
  const { storeDirectory } = daemon.address;
  const runner = opening.use(await TestRunner.start({ storeDirectory, sharesStore: true }));
  const client = opening.use(connectRunner(runner.endpoint, { storeDirectory }));
  const connections = opening.use(new BuildConnections(daemon.address, { idleMax: 1 }));
  const uplink = opening.use(openUplink());
  const memory = opening.use(openBuilderMemory(null));
  const stopping = new AbortController();
  const member = await openMember({
    ...builderOptions(daemon, runner.endpoint),
    logger: createLogger({
      program: 'builder',
      level: 'error',
      destination: { isTerminal: false, write: () => {} },
    }),
    hostname: 'ares',
    connections,
    uplink,
    memory,
    signal: stopping.signal,
    draining: new AbortController().signal,
  });
  const { begun, ended } = keepMembership(member, [change(client)], stopping.signal);
  ended.catch(() => {});
  const open = opening.move();
  return {
    begun,
    ended,
    stop: () => stopping.abort(),
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await ended.catch(() => {});
      await open.disposeAsync();
    },
  };
}
