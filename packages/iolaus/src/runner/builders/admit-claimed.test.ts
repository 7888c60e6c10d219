import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '../../logging/logger.ts';
import { parseBuilderUuid } from '../../protocol/identity.ts';
import { aJoin } from '../../protocol/testing/runner-pair.ts';
import { admitClaimed } from './admit-claimed.ts';
import { openBindings } from './bindings.ts';
import { Refusals } from './refusals.ts';

const claims = {
  hostname: 'us-p-1',
  systems: ['x86_64-linux'],
  features: ['kvm'],
  mandatoryFeatures: [],
  maxJobs: 2,
  expiresAt: 1_000,
};

async function scene(now: number) {
  const folder = await mkdtemp(join(tmpdir(), 'joined-'));
  const refusals = new Refusals(createLogger({ program: 'test', level: 'error' }));
  const clock = { now: () => now, elapsed: () => now, after: () => () => {} };
  return {
    refusals,
    /** Another runner begins in between, each time. */
    admit: (builder: string | null, offer: object = {}) => {
      const joining = {
        ...aJoin(),
        builder: builder === null ? null : parseBuilderUuid(builder),
        ...offer,
      };
      return admitClaimed(joining, claims, { bindings: openBindings(folder), refusals, clock });
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const first = '00000000-0000-4000-8000-000000000001';
const second = '00000000-0000-4000-8000-000000000002';

test('a builder is what its token says, whatever it claims, and that is counted', async () => {
  await using made = await scene(0);
  const admitted = await made.admit(first, {
    hostname: 'somebody',
    systems: ['x86_64-linux', 'aarch64-linux'],
    maxJobs: 99,
    supportedFeatures: ['kvm', 'big-parallel'],
  });
  assert.deepEqual(
    [admitted.hostname, admitted.systems, admitted.supportedFeatures, admitted.maxJobs],
    ['us-p-1', ['x86_64-linux'], ['kvm'], 2],
  );
  assert.equal(made.refusals.counts.get('claimed-too-much'), 1);
});

test('a token is for the builder that shows it first, which may come back; nobody else can use it', async () => {
  await using made = await scene(0);
  await made.admit(first);
  await made.admit(first);
  await assert.rejects(made.admit(second), /is another builder's/);
  await assert.rejects(made.admit(null), /is another builder's/);
  assert.equal(made.refusals.counts.get('join-token-used'), 2);
});

test('who has not joined in time does not any more', async () => {
  await using made = await scene(2_000);
  await assert.rejects(made.admit(first), /has expired/);
});
