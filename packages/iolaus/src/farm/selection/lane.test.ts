import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attemptNumber, instant } from '../identity.ts';
import { createFarmState } from '../farm-state.ts';
import { queueBuilds } from '../graph/queue-builds.ts';
import type { Entry } from '../queues/rank.ts';
import { build, defaultSettings, graph } from '../testing/scenario.ts';
import { Lane } from './lane.ts';

/** Some entry: what is in it besides its rank does not matter here. */
function someEntry(): Entry {
  const farm = createFarmState(defaultSettings, attemptNumber(1));
  farm.now = instant(0);
  queueBuilds(farm, [build(1, 'a')], graph({ a: '' }));
  const [entry] = [...farm.queues.values()].flatMap(({ entries }) => [...entries.values()]);
  if (entry === undefined) throw new Error('a build without inputs is runnable');
  return entry;
}

const template = someEntry();

test('whoever comes and goes, the first is the first and the order is right', () => {
  const command = fc.record({ rank: fc.nat(20), leaves: fc.boolean(), which: fc.nat() });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300, size: 'max' }), (commands) => {
      const lane = new Lane((one, other) => one.pathLength < other.pathLength);
      const standing: Entry[] = [];
      for (const { rank, leaves, which } of commands) {
        const [gone] = leaves ? standing.splice(which % Math.max(standing.length, 1), 1) : [];
        if (gone === undefined) {
          const entry = { ...template, pathLength: rank };
          standing.push(entry);
          lane.add(entry);
        } else {
          gone.isGone = true;
          lane.noteLeft();
        }
        const ranks = standing.map(({ pathLength }) => pathLength).sort((a, b) => a - b);
        assert.equal(lane.size, ranks.length);
        assert.equal(lane.first()?.pathLength, ranks[0]);
        assert.deepEqual(
          [...lane.inOrder()].map(({ pathLength }) => pathLength),
          ranks,
        );
      }
    }),
    { numRuns: 30 },
  );
});
