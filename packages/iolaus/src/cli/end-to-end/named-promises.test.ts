import { test } from 'node:test';
import { assertNamedTests } from '../../testing/named-tests.ts';

test("what Hydra's first runner had and its second lost, ours has: each is in a test", () =>
  assertNamedTests({
    'fair share is charged': {
      file: 'farm/queues/rank.test.ts',
      name: /an attempt that several jobsets need is charged to each in part/,
    },
    'what has failed is remembered': {
      file: 'cli/steer/steer.test.ts',
      name: /what failed is not tried again until somebody wants it to be/,
    },
    'machines that fail rest': {
      file: 'farm/attempts/retry.test.ts',
      name: /a builder that fails one step after the other rests/,
    },
    'retries are spread': {
      file: 'farm/attempts/retry.test.ts',
      name: /steps that failed together come back one by one/,
    },
    'a slot is free when the build has ended': {
      file: 'builder/builder.test.ts',
      name: /a slot is free when its build has ended, while its outputs are still handed over/,
    },
    'the earliest retry wakes the farm': {
      file: 'farm/time.test.ts',
      name: /the shell is asked to wake the farm only when the earliest time changes/,
    },
    'what the daemon fails at in passing is tried again': {
      file: 'builder/builder.test.ts',
      name: /a daemon that has gone is no fault of the build/,
    },
    'rows without an attempt are closed': {
      file: 'runner/attempts/orphans.test.ts',
      name: /every three minutes rows that another program left busy are closed/,
    },
    'logs of failed builds are kept': {
      file: 'cli/end-to-end/hydra-scenarios.test.ts',
      name: /whether it succeeded or failed/,
    },
  }));

test('nothing that runs is lost, whatever happens to runners, builders and what is between them: each is in a test', () =>
  assertNamedTests({
    'the runner is stopped': {
      file: 'cli/end-to-end/rejoin.test.ts',
      name: /a build that ends while no runner is there is recorded by the next one/,
    },
    'the runner is killed, and once more': {
      file: 'cli/end-to-end/runner-killed.test.ts',
      name: /a runner that is killed loses nothing/,
    },
    'runner and builder are killed again and again': {
      file: 'cli/end-to-end/killed.test.ts',
      name: /runner and builder killed ten times/,
    },
    'the next runner speaks another dialect': {
      file: 'cli/end-to-end/rejoin.test.ts',
      name: /a runner that comes back with an older dialect/,
    },
    'the next runner is on another machine': {
      file: 'cli/end-to-end/rejoin.test.ts',
      name: /a runner that comes back on another machine/,
    },
    'the tunnel breaks': {
      file: 'cli/end-to-end/rejoin.test.ts',
      name: /a tunnel that breaks costs nothing/,
    },
    'the tunnel leads nowhere, and nobody closes it': {
      file: 'protocol/half-open.test.ts',
      name: /both sides notice that a connection leads nowhere any more/,
    },
    'the builder is started again': {
      file: 'cli/end-to-end/rejoin.test.ts',
      name: /a builder that is started again is known by its folder/,
    },
    'the builder is one that cannot come back': {
      file: 'cli/end-to-end/rejoin.test.ts',
      name: /a builder that cannot come back loses its step with its tunnel/,
    },
    'another runner stands by': {
      file: 'cli/end-to-end/standby.test.ts',
      name: /a runner that stands by takes over when the leader is killed/,
    },
  }));
