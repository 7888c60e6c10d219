import { test } from 'node:test';
import { assertNamedTests, at } from '../../testing/named-tests.ts';

// What Hydra's queue runner gets wrong (W1 to W37), and its side of the wire, as they were read and numbered when ours was begun:
// each has a test that ours passes.

test("each fault of Hydra's queue runner is in a test", () =>
  assertNamedTests({
    'W1 all is read again at each notification': at(
      'runner/ingest/queue.test.ts',
      /a build is taken once/,
    ),
    'W2 what could not be read leaves half-made steps': at(
      'runner/ingest/unfinished-graph.test.ts',
      /what cannot be read blocks everything above it, and only that/,
    ),
    'W3 shares are not charged': at(
      'farm/queues/rank.test.ts',
      /a jobset is charged for steps that have ended/,
    ),
    'W4 a resolved step counts as built': at(
      'farm/graph/dynamic.test.ts',
      /a resolved step ends with the one that it turned out to be/,
    ),
    'W5 success without outputs': at(
      'runner/attempts/reported-outputs.test.ts',
      /nothing is built that the store lacks, or that nobody could ask for/,
    ),
    'W6 finished before it is verified': at(
      'farm/attempts/succeed.test.ts',
      /a result with another path than the derivation has does not finish the step/,
    ),
    'W7 a derivation that is gone counts as built': at(
      'farm/graph/queue-builds.test.ts',
      /a build that can never run is aborted/,
    ),
    'W8 a failure that comes from build 0': at(
      'farm/attempts/fail.test.ts',
      /a failure whose charged build is gone names no other build/,
    ),
    'W9 a cache that errs has everything': at(
      'cache/publish/publisher.test.ts',
      /a cache that cannot be asked has not said that it has something/,
    ),
    'W10 resolving to what is built is an error': at(
      'farm/graph/dynamic.test.ts',
      /what was built before is not built again: early cut-off/,
    ),
    'W11 chains of outputs, resolved producers': at(
      'cli/end-to-end/dynamic-derivations.test.ts',
      /a producer may itself be resolved, and may be there already/,
    ),
    'W11 a content-addressed build fails as a dependency of itself': at(
      'cli/end-to-end/content-addressed.test.ts',
      /a content-addressed build fails as itself, and what needs it for its sake/,
    ),
    'W11 limits of what was resolved': at(
      'farm/graph/dynamic.test.ts',
      /limits of what a build resolved into are those of the build/,
    ),
    'W11 features that content-addressing needs': at(
      'cli/end-to-end/kinds-of-outputs.test.ts',
      /a builder without the feature is not given what needs it/,
    ),
    'W11 what the builder had already is not cached': at(
      'cli/end-to-end/substitutes.test.ts',
      /what the builder fetches instead of building it is a cached build/,
    ),
    'W12 failures are not remembered': at(
      'cli/steer/steer.test.ts',
      /what failed is not tried again until somebody wants it to be/,
    ),
    'W13 builds end as cached failures': at(
      'farm/attempts/fail.test.ts',
      /a step that failed before is not tried: every build above has a row of its own/,
    ),
    'W14 a build starts with each of its dependencies': at(
      'runner/records/step-notifications.test.ts',
      /a step begins after what it needs, a build with its own step/,
    ),
    'W15 no back-off of machines': at(
      'farm/attempts/retry.test.ts',
      /a builder that fails one step after the other rests/,
    ),
    'W15 a step is tried again where it went wrong': at(
      'farm/attempts/retry.test.ts',
      /a retry goes to another builder if there is one that can/,
    ),
    'W16 sent before it is recorded': at(
      'runner/records/decisions.test.ts',
      /nothing is made known before it is recorded/,
    ),
    'W17 the end of a rest wakes nobody': at(
      'runner/records/decisions.test.ts',
      /the farm is told when the time that it wished for has come/,
    ),
    'W18 the first ping wakes nobody': at(
      'farm/queues/dispatch.test.ts',
      /a builder gets no work until its first ping/,
    ),
    'W19 bumps count when the queue is sorted next': at(
      'farm/queues/rank.test.ts',
      /a build that is bumped goes ahead at once/,
    ),
    'W20 one machine is filled before the next': at(
      'farm/queues/dispatch.test.ts',
      /work spreads over the builders by their slots, the faster one first/,
    ),
    'W21 unsupported as soon as a machine leaves': at(
      'farm/builders/unsupported.test.ts',
      /the patience begins anew when the last capable builder leaves/,
    ),
    'W22 silent machines': at(
      'farm/builders/machines.test.ts',
      /a builder that does not ping gets nothing more, and is lost when it stays silent/,
    ),
    'W22 no deadline of a step': at(
      'runner/attempts/limit-guard.test.ts',
      /a build that its builder lets run beyond its timeout is ended/,
    ),
    'W23 copies hold up what comes after them': at(
      'runner/uploads/copy-with-nix.test.ts',
      /a machine that cannot be reached is tried again later, and shown meanwhile/,
    ),
    'W24 patterns that match anything': at(
      'nix-support/products.test.ts',
      /whatever the text, only words of the grammar come out/,
    ),
    'W25 cancelled for ever': at(
      'farm/attempts/retry.test.ts',
      /a step that ended is tried anew when it is wanted again/,
    ),
    'W26 uploads are forgotten': at(
      'runner/uploads/upload-queue.test.ts',
      /is tried again, by the next runner too, and holds up no other/,
    ),
    'W27 no logs of failed builds in the cache': at(
      'runner/uploads/upload-queue.test.ts',
      /what is built, and its log, is in every store/,
    ),
    'W27 a retry writes over the log': at(
      'runner/logs/log-files.test.ts',
      /a later attempt leaves the log of an earlier one alone/,
    ),
    'W28 addresses lose their case': at(
      'cache/address/parse-address.test.ts',
      /the address of a bucket keeps its case/,
    ),
    'W29 one upload holds up all': at(
      'runner/uploads/upload-queue.test.ts',
      /a slow upload delays nothing else/,
    ),
    'W30 anything is signed': at(
      'cli/end-to-end/lying-uploads.test.ts',
      /a hostile builder gets no signature for what it did not build/,
    ),
    'W31 shares exported as what was used': at(
      'runner/http/metrics/metrics.test.ts',
      /figures are those of the moment/,
    ),
    'W32 a reload sorts with the old order': at(
      'farm/selection/two-level.test.ts',
      /a policy can be changed while steps wait/,
    ),
    'W33 tokens that cannot be read let everybody in': at(
      'cli/end-to-end/hydra-programs.test.ts',
      /what keeps others out and cannot be read stops the program/,
    ),
    'W34 two machines of one id': at(
      'farm/attempts/retry.test.ts',
      /a second tunnel under the same name takes the place of the first/,
    ),
    'W35 the wrong store is asked': at(
      'cli/end-to-end/hydra-scenarios.test.ts',
      /a dependency whose output is gone here, but not from the store that is published to/,
    ),
    'W36 up, but listening nowhere': at(
      'protocol/bind.test.ts',
      /a place where nobody can listen is told by its name/,
    ),
    'W37 roots are never removed': at(
      'runner/gc-roots/prune-gc-roots.test.ts',
      /roots of outputs that nobody wants go/,
    ),
    'a pass between import and report finds the build cached': at(
      'farm/attempts/succeed.test.ts',
      /while an attempt is under way only that one can finish the step/,
    ),
    'panics end a loop silently': at(
      'runner/records/decisions.test.ts',
      /a transaction that fails is tried again, and its effects are performed once/,
    ),
    'rows are closed at the time 0': at(
      'database/steps/orphaned-steps.test.ts',
      /those that are named are aborted now/,
    ),
  }));

test("each fault of Hydra's runner on the wire is in a test", () =>
  assertNamedTests({
    '1 a connection that drops ends all builds': at(
      'cli/end-to-end/rejoin.test.ts',
      /a tunnel that breaks costs nothing/,
    ),
    '2 comments break compatibility': at(
      'protocol/foreign-runner.test.ts',
      /our builder asks again in the dialect of an older runner that it speaks/,
    ),
    '4 anybody writes any log': at(
      'cli/end-to-end/lying-names.test.ts',
      /a builder that speaks in the name of others is refused and counted/,
    ),
    '6 a build that is refused gets no reply': at(
      'protocol/translation/tunnel.test.ts',
      /a build that cannot be read can still be answered, if it says its name/,
    ),
    '7 half-open connections': at(
      'protocol/half-open.test.ts',
      /both sides notice that a connection leads nowhere any more/,
    ),
    '9 reports are not idempotent': at(
      'farm/attempts/fail.test.ts',
      /a report about an attempt that is over changes nothing/,
    ),
    '10 channels without a limit': at(
      'protocol/tunnel.test.ts',
      /a builder that reads slowly holds the runner/,
    ),
    '11 an export that fails ends well': at(
      'protocol/store-transfer.test.ts',
      /an archive that is not as long as announced fails the call of either side/,
    ),
    '12 what follows an archive blocks its import': at(
      'protocol/zstd/decompress.test.ts',
      /what follows the frames and is none is refused/,
    ),
    '13, 14 paths are asked for, and come, one after the other': at(
      'builder/transfers.test.ts',
      /a closure over many streams arrives in the order of its references/,
    ),
    '15 parts for anybody': at(
      'runner/uploads/direct/hostile-builder.test.ts',
      /another builder's attempt is nobody's to publish for/,
    ),
    '16 narinfos are signed as they come': at(
      'runner/uploads/direct/hostile-builder.test.ts',
      /what is not what its name says is deleted/,
    ),
    '17 certificates in the clear': at(
      'protocol/tls.test.ts',
      /certificates that are none stop the runner, and are not sent in the clear/,
    ),
    '19 updates race': at(
      'database/steps/steps.test.ts',
      /a phase that comes late changes nothing/,
    ),
    '20 nothing is told of what a build used': at(
      'builder/outcomes.test.ts',
      /a build that takes its time tells what it used/,
    ),
    '21 outputs in the order of chance': at(
      'nix-support/nix-support.test.ts',
      /together, outputs count in the order of their names/,
    ),
  }));
