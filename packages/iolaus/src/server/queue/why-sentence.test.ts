import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explanationSchema } from './explanation.ts';
import { whySentence } from './why-sentence.ts';

const digest = '0'.repeat(32);
const moment = { earliest: 0, latest: null };

const say = (why: object, machines: object[] = [], more: object = {}): string =>
  whySentence(
    explanationSchema.parse({
      derivation: `${digest}-app.drv`,
      why,
      machines,
      tries: 1,
      losses: 0,
      jobsets: [],
      starts: moment,
      ends: moment,
      place: null,
      ...more,
    }),
  );

const machine = (hostname: string, reason: string | null) => ({
  builder: hostname,
  hostname,
  reason,
});

test('each reason has a sentence of its own', () => {
  const inputs = ['a', 'b', 'c', 'd', 'e'].map((name) => `${digest}-${name}.drv`);
  assert.equal(say({ type: 'inputs', inputs }), 'It waits for a, b, c and 2 more.');
  assert.equal(say({ type: 'inputs', inputs: inputs.slice(0, 2) }), 'It waits for a and b.');
  assert.equal(
    say({ type: 'capable-builder', system: 's', requiredFeatures: ['kvm'], failsAt: 0 }),
    'No machine that is here builds s with kvm; it fails at 1970-01-01T00:00:00Z unless one joins.',
  );
  assert.equal(
    say({ type: 'open-builder' }, [machine('ares', 'draining'), machine('hermes', 'store-full')]),
    'All 2 machines that can build it take nothing now: ' +
      'ares: it is being drained: it finishes what it has; hermes: its store is full.',
  );
  assert.equal(
    say({ type: 'free-slot' }, [machine('ares', 'full')], { place: 3 }),
    'The one machine that can build it is busy with what came first; 2 others are to start before it.',
  );
  assert.match(say({ type: 'back-off', until: 0 }), /in vain once, .* rests until 1970/);
  assert.equal(
    say({ type: 'builder', builder: 'ares' }, [machine('ares', null)]),
    'ares builds it.',
  );
  assert.equal(
    say({ type: 'ahead', builder: 'ares' }, [machine('ares', 'full')]),
    'ares has it, and begins it when one of its slots falls free.',
  );
});
