import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeenRequest } from '../../cache/testing/faulty-server.ts';
import { kindOf } from '../../cache/testing/kind-of-request.ts';
import { openKillingFarm } from '../../testing/killing-farm.ts';
import type { Kill, Victim } from '../../testing/killing-farm.ts';

/** Some two hundred kills, each in an upload of its own: a quarter of an hour. */
const everywhere = process.env['IOLAUS_KILL_AT_EVERY_REQUEST'] === '1';

/** Only a builder has to do with addresses that were presigned. */
const makerOf = ({ query }: SeenRequest): Victim =>
  query.has('X-Amz-Signature') ? 'builder' : 'runner';

const ofArchives = ['POST nar begin', 'PUT nar part', 'POST nar end', 'PUT nar', 'PUT narinfo'];

type Way = {
  readonly usePresignedUploads: boolean;
  readonly victims: readonly Victim[];
  /** Kinds of requests at the first of which somebody is killed. */
  readonly kinds: readonly string[];
};

const ways: readonly Way[] = [
  { usePresignedUploads: false, victims: ['runner'], kinds: [...ofArchives, 'PUT log'] },
  { usePresignedUploads: true, victims: ['runner', 'builder'], kinds: ofArchives },
];

for (const { usePresignedUploads, victims, kinds } of ways) {
  const uploader = usePresignedUploads ? 'builders upload' : 'the runner uploads';

  test(`where ${uploader}, who writes is killed at each kind of request: all is published, and no lie told`, async () => {
    await using farm = await openKillingFarm({ usePresignedUploads });
    const left = new Set(kinds);
    await farm.publish('at-each-kind', (seen) =>
      left.delete(kindOf(seen)) ? { victim: makerOf(seen), moment: 'answer-lost' } : null,
    );
    assert.deepEqual([...left], []);
  });

  if (everywhere)
    for (const victim of victims)
      for (const moment of ['reset', 'answer-lost'] as const)
        test(`where ${uploader}, the ${victim} is killed at every request: ${moment}`, () =>
          killAtEvery(usePresignedUploads, { victim, moment }));
}

/** At the first in one upload, at the second in the next, until an upload has fewer. */
async function killAtEvery(usePresignedUploads: boolean, kill: Kill): Promise<void> {
  await using farm = await openKillingFarm({ usePresignedUploads });
  let requests: number;
  let number = 0;
  do {
    number += 1;
    requests = 0;
    await farm.publish(`at-${number}`, () => ((requests += 1) === number ? kill : null));
  } while (requests >= number);
  assert.ok(number > 10, `${number} requests are too few`);
}
