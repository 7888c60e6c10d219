import { test } from 'node:test';
import { assertNamedTests, at } from '../../testing/named-tests.ts';

// Where Hydra's first runner and its second differ, and what ours does. What it does not do, and why: `docs/migrating.md`.
test("what Hydra's first runner had and its second lost, ours has: each is in a test", () =>
  assertNamedTests({
    'known builds are not read again': at('runner/ingest/queue.test.ts', /a build is taken once/),
    'what is wanted most is read first': at(
      'database/builds/read-builds.test.ts',
      /queued builds are read most wanted first/,
    ),
    'fair share is charged': at(
      'farm/queues/rank.test.ts',
      /an attempt that several jobsets need is charged to each in part/,
    ),
    'what has failed is remembered': at(
      'cli/steer/steer.test.ts',
      /what failed is not tried again until somebody wants it to be/,
    ),
    'the machine with the least to do for its speed is next': at(
      'farm/queues/dispatch.test.ts',
      /work spreads over the builders by their slots, the faster one first/,
    ),
    'machines that fail rest': at(
      'farm/attempts/retry.test.ts',
      /a builder that fails one step after the other rests/,
    ),
    "the order of steps is Hydra's where that is wanted": at(
      'farm/selection/hydra-orders.test.ts',
      /gives out steps in the order of Hydra's keys, whatever the graph/,
    ),
    'a busy system does not hold back another one': at(
      'farm/queues/dispatch.test.ts',
      /a busy system does not hold back another one/,
    ),
    'retries are spread': at(
      'farm/attempts/retry.test.ts',
      /steps that failed together come back one by one/,
    ),
    'the earliest retry wakes the farm': at(
      'farm/time.test.ts',
      /the shell is asked to wake the farm only when the earliest time changes/,
    ),
    'a slot is free when the build has ended': at(
      'builder/slots.test.ts',
      /a slot is free when its build has ended, while its outputs are still handed over/,
    ),
    'what the builder had already is cached': at(
      'cli/end-to-end/substitutes.test.ts',
      /what the builder fetches instead of building it is a cached build/,
    ),
    'what the daemon fails at in passing is tried again': at(
      'cli/end-to-end/daemon-verdicts.test.ts',
      /a source that could not be fetched is tried again/,
    ),
    'a daemon that is away is no fault of the build': at(
      'builder/outcomes.test.ts',
      /a daemon that has gone is no fault of the build/,
    ),
    'what is not deterministic says so': at(
      'cli/end-to-end/daemon-verdicts.test.ts',
      /what comes out otherwise when the daemon repeats it is not deterministic/,
    ),
    'outputs have a limit': at(
      'cli/end-to-end/limits.test.ts',
      /every limit is kept from one end to the other/,
    ),
    'what prefers to be built locally is': at(
      'farm/placement/placement.test.ts',
      /a step that prefers to be built locally stays with the store of the runner/,
    ),
    'content-addressing is a feature of machines': at(
      'cli/end-to-end/kinds-of-outputs.test.ts',
      /a builder without the feature is not given what needs it/,
    ),
    'realisations are published, of what was resolved, too': at(
      'cli/end-to-end/realisations.test.ts',
      /realisations are in the cache under the names of both layouts/,
    ),
    'outputs have roots, found ones, too': at(
      'runner/gc-roots/gc-roots.test.ts',
      /outputs with a root outlast a collection/,
    ),
    'logs of failed builds are kept': at(
      'cli/end-to-end/hydra-scenarios.test.ts',
      /whether it succeeded or failed/,
    ),
    'logs of failed builds are in the cache': at(
      'runner/uploads/upload-queue.test.ts',
      /what is built, and its log, is in every store/,
    ),
    'products keep to whole lines of the grammar': at(
      'nix-support/products.test.ts',
      /whatever the text, only words of the grammar come out/,
    ),
    'a build ends as failed when what it needs failed before': at(
      'farm/attempts/fail.test.ts',
      /a step that failed before is not tried: every build above has a row of its own/,
    ),
    'a failure without a known origin has none': at(
      'database/steps/steps.test.ts',
      /a propagated failure names its origin and has no times/,
    ),
    'rows are closed at the time at which they are': at(
      'database/steps/orphaned-steps.test.ts',
      /those that are named are aborted now/,
    ),
    'rows without an attempt are closed': at(
      'runner/attempts/orphans.test.ts',
      /every three minutes rows that another program left busy are closed/,
    ),
    'a build starts with its own derivation': at(
      'runner/records/step-notifications.test.ts',
      /a step begins after what it needs, a build with its own step/,
    ),
    'what is cancelled is stopped, and not tried again': at(
      'cli/end-to-end/statuses.test.ts',
      /each status is reached, in the row of the build and in those of its steps/,
    ),
    'the status of the farm can be had': at(
      'runner/http/status/status.test.ts',
      /the status has exactly the shapes of Hydra's/,
    ),
    'of several builds the longest limits count': at(
      'farm/graph/limits.test.ts',
      /of several builds the longest limits count/,
    ),
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
