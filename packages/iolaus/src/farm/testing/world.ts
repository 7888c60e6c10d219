import type { DerivationPath } from '@iolaus/nix';
import type { FarmSettings } from '../event.ts';
import { attemptNumber, buildId, builderId, evaluationId, instant, jobsetId } from '../identity.ts';
import type { BuilderId } from '../identity.ts';
import { Observer, insist } from './observer.ts';
import type { LiveAttempt } from './observer.ts';
import type { AttemptFailure } from '../outcome.ts';
import { nonsense } from './nonsense.ts';
import type { RetryPlan } from '../attempts/retry-plan.ts';
import { build, builderFacts, healthy, resultOf, times, derivation, step } from './scenario.ts';
import { capacityRules, machineOrders } from '../placement/policy.ts';
import { selectionNames } from '../selection/policy.ts';
import { featureSets, pick, systems, Universe } from './universe.ts';
import type { Blueprint } from './universe.ts';

/** A number below the limit, from wherever it comes. */
export type Dice = (limit: number) => number;

const failures: readonly AttemptFailure[] = [
  'build-failed',
  'timed-out',
  'preparing-failed',
  'import-failed',
  'upload-failed',
  'post-processing-failed',
];

/**
 * A made-up world around a farm: people who queue, bump and withdraw builds, builders that come, fail and vanish,
 * garbage collectors, time. The dice decide what happens next.
 */
export class World {
  readonly observer: Observer;
  readonly #universe: Universe;
  readonly #dice: Dice;
  readonly #settings: FarmSettings;
  #builds = 0;
  #builders = 0;

  constructor(blueprints: readonly Blueprint[], settings: FarmSettings, dice: Dice) {
    this.#dice = dice;
    this.#settings = settings;
    this.observer = new Observer(settings);
    this.#universe = new Universe(blueprints);
  }

  /** Something happens. */
  act(): void {
    const { observer } = this;
    observer.now = instant(observer.now + this.#dice(3) * this.#dice(20_000));
    const deeds = [
      () => this.#queue(),
      () => this.#queue(),
      () => this.#join(),
      () => this.#ping(),
      () => this.#leave(),
      () => this.#goAway(),
      () => this.#comeBack(),
      () => this.#report(),
      () => this.#report(),
      () => this.#report(),
      () => this.#reportLate(),
      () => this.#find(),
      () => this.#collectGarbage(),
      () => this.#withdraw(),
      () => this.#bump(),
      () => this.#passTime(),
      () => this.#seeJobset(),
      () => this.#holdHost(),
      () => this.#unfold(),
      () => this.#declareEmergency(),
      () => this.#rememberOrders(),
      () => this.#talkNonsense(),
    ];
    pick(deeds, this.#dice(deeds.length))();
  }

  /** No more faults: all builds must end within a number of steps that can be stated, and nothing be left. */
  settle(): void {
    const { observer } = this;
    // A look at every silence would only make the way longer.
    const settings = { ...this.#settings, silentBuilderSeconds: 1_000_000 };
    observer.apply({ type: 'settings-changed', settings });
    const able = { systems, supportedFeatures: ['kvm', 'big'], slots: 2 };
    const facts = builderFacts('able', able);
    observer.apply({ type: 'builder-joined', builder: builderId('able'), facts });
    observer.apply({ type: 'builder-pinged', builder: builderId('able'), health: healthy });
    const patience = 4 * this.#universe.all.length + 10;
    for (let turns = 0; observer.unfinished.size > 0; turns += 1) {
      insist(turns < patience, `builds do not end: ${[...observer.unfinished.keys()].join(', ')}`);
      for (const live of observer.live.values()) this.#succeed(live);
      this.#unfold();
      this.#sleepUntilNeeded();
    }
    const counts = Object.values(observer.farm.view.counts());
    insist(
      counts.every((count) => count === 0),
      'something is left when all builds have ended',
    );
  }

  #sleepUntilNeeded(): void {
    const { observer } = this;
    if (observer.live.size > 0 || observer.unfinished.size === 0) return;
    insist(observer.wish !== undefined, 'nothing goes on, and nobody will look again');
    observer.now = instant(Math.max(observer.now, observer.wish ?? 0));
    observer.apply({ type: 'builder-pinged', builder: builderId('able'), health: healthy });
    observer.apply({ type: 'time-came' });
  }

  #queue(): void {
    const facts = Array.from({ length: 1 + this.#dice(2) }, () => {
      this.#builds += 1;
      return build(this.#builds, pick(this.#universe.all, this.#dice(1000)).derivation, {
        jobset: jobsetId(1 + this.#dice(3)),
        evaluation: this.#dice(2) === 0 ? null : evaluationId(this.#dice(4)),
        globalPriority: this.#dice(2) * this.#dice(3),
        localPriority: 100 + this.#dice(2),
        maxSilentSeconds: this.#dice(2) === 0 ? null : this.#dice(100),
      });
    });
    const isThere = ({ derivation }: { readonly derivation: string }) =>
      this.#universe.built.has(derivation);
    for (const found of facts.filter(isThere)) {
      const result = resultOf(this.#universe.factsOf(found.derivation));
      this.observer.apply({ type: 'build-found-built', build: found, result });
    }
    const builds = facts.filter((wanted) => !isThere(wanted));
    const steps = this.#universe
      .unfinishedBelow(builds.map(({ derivation }) => derivation))
      .map((facts) => (this.#dice(6) === 0 ? { ...facts, retryPlan: this.#makePlan() } : facts));
    this.observer.apply({ type: 'builds-queued', builds, steps });
  }

  #makePlan(): RetryPlan {
    const restsUntil = instant(this.observer.now + this.#dice(2) * this.#dice(200_000));
    return { tries: this.#dice(2), losses: this.#dice(3), restsUntil };
  }

  /** `s4` becomes `r4`, which has the same outputs and may have been built before. */
  #resolve(asked: DerivationPath): void {
    const { derivation: _, ...facts } = this.#universe.factsOf(asked);
    const into = { ...facts, derivation: derivation(asked.replace('s', 'r')), inputs: [] };
    const result = this.#dice(3) === 0 ? resultOf(into) : null;
    const steps = result === null ? [{ ...into, unfolds: false }] : [];
    if (result !== null) this.#universe.built.add(asked);
    const resolved = { derivation: asked, into: into.derivation, steps, result };
    this.observer.apply({ type: 'step-resolved', resolved });
  }

  #unfold(): void {
    const { observer } = this;
    for (const asked of observer.unfolding) {
      observer.unfolding.delete(asked);
      if (observer.farm.view.step(asked)?.state.type !== 'unfolding') continue;
      if (this.#dice(8) === 1) {
        observer.apply({ type: 'unfolding-failed', derivation: asked, message: 'no derivation' });
      } else if (this.#dice(2) === 0) this.#resolve(asked);
      else {
        const inputs = this.#dice(2) === 0 ? [] : [derivation(`p${asked}`)];
        const steps = inputs.map((input) => step(input));
        const produced = { derivation: asked, inputs, steps, unfoldsAgain: this.#dice(4) === 1 };
        observer.apply({ type: 'step-unfolded', produced });
      }
    }
  }

  #declareEmergency(): void {
    const subject = { type: 'evaluation', evaluation: evaluationId(this.#dice(4)) } as const;
    if (this.#dice(3) === 0) this.observer.apply({ type: 'emergency-ended', subject });
    else {
      const emergency = { subject, preempts: this.#dice(2) === 0 };
      this.observer.apply({ type: 'emergency-declared', emergency });
    }
  }

  /** As if an earlier farm had been told. */
  #rememberOrders(): void {
    const subject = { type: 'evaluation', evaluation: evaluationId(this.#dice(6)) } as const;
    const emergencies = [{ subject, preempts: this.#dice(2) === 0 }];
    const holds = new Map([[`host-${this.#dice(5)}`, 'paused' as const]]);
    this.observer.apply({ type: 'orders-remembered', orders: { emergencies, holds } });
    if (this.#dice(2) === 0) this.observer.apply({ type: 'queue-read' });
  }

  #holdHost(): void {
    const hostname = `host-${this.#dice(5)}`;
    const choice = this.#dice(3);
    if (choice === 0) this.observer.apply({ type: 'host-released', hostname });
    else if (choice === 1) this.observer.apply({ type: 'host-pardoned', hostname });
    else {
      const hold = this.#dice(2) === 0 ? 'paused' : 'draining';
      this.observer.apply({ type: 'host-held', hostname, hold, lasts: this.#dice(2) === 0 });
    }
  }

  #talkNonsense(): void {
    const facts = pick(this.#universe.all, this.#dice(1000));
    this.observer.applyNonsense(pick(nonsense(facts), this.#dice(100)));
  }

  #join(): void {
    this.#builders += 1;
    const facts = builderFacts(`host-${this.#dice(5)}`, {
      systems: this.#dice(3) === 0 ? ['linux', 'darwin'] : [pick(systems, this.#dice(2))],
      supportedFeatures: pick(featureSets, this.#dice(5)),
      mandatoryFeatures: this.#dice(4) === 0 ? ['kvm'] : [],
      slots: this.#dice(4),
      ahead: this.#dice(3),
      speedFactor: 1 + this.#dice(2),
    });
    const builder = builderId(`builder-${this.#builders}`);
    this.observer.apply({ type: 'builder-joined', builder, facts });
  }

  #ping(): void {
    const builder = this.#someBuilder();
    if (builder === undefined) return;
    const health = this.#dice(4) === 0 ? { ...healthy, storeFreePercent: 1 } : healthy;
    this.observer.apply({ type: 'builder-pinged', builder, health });
  }

  #leave(): void {
    const builder = this.#someBuilder();
    if (builder !== undefined) this.observer.apply({ type: 'builder-left', builder });
  }

  #goAway(): void {
    const builder = this.#someBuilder();
    if (builder === undefined) return;
    const until = instant(this.observer.now + this.#dice(100_000));
    this.observer.apply({ type: 'builder-away', builder, until });
  }

  /** With some of what it had, and with other abilities. */
  #comeBack(): void {
    const builder = this.#someBuilder();
    const known = builder === undefined ? undefined : this.observer.builders.get(builder);
    if (builder === undefined || known === undefined) return;
    const held = [...this.observer.live.keys()].filter(() => this.#dice(4) > 0);
    const facts = { ...known.facts, slots: this.#dice(4) };
    this.observer.apply({ type: 'builder-rejoined', builder, facts, held });
  }

  #someBuilder(): BuilderId | undefined {
    const builders = [...this.observer.builders.keys()];
    return builders[this.#dice(Math.max(builders.length, 1))];
  }

  #report(): void {
    const attempts = [...this.observer.live.values()];
    const live = attempts[this.#dice(Math.max(attempts.length, 1))];
    if (live === undefined) return;
    const { attempt } = live;
    const kind = this.#dice(10);
    if (kind < 6) {
      this.#succeed(live);
    } else if (kind === 6) {
      const result = resultOf({ outputs: new Map() });
      this.observer.apply({ type: 'attempt-succeeded', attempt, result, times });
    } else if (kind === 7) {
      this.observer.apply({ type: 'attempt-begun', attempt });
      this.observer.apply({ type: 'dispatch-failed', attempt, message: 'the tunnel broke' });
    } else {
      const failure = pick(failures, this.#dice(failures.length));
      this.observer.apply({ type: 'attempt-failed', attempt, failure, message: 'no', times });
    }
  }

  #succeed({ attempt, step: facts }: LiveAttempt): void {
    if (!this.observer.live.has(attempt)) return;
    this.#universe.built.add(facts.derivation.replace(/^r/, 's'));
    this.observer.apply({ type: 'attempt-succeeded', attempt, result: resultOf(facts), times });
  }

  /** About an attempt that is over, or never was. */
  #reportLate(): void {
    const attempt = attemptNumber(this.#dice(200));
    if (this.observer.live.has(attempt)) return;
    const result = resultOf(pick(this.#universe.all, 0));
    this.observer.apply({ type: 'attempt-succeeded', attempt, result, times });
  }

  #find(): void {
    const facts = pick(this.#universe.all, this.#dice(1000));
    const attempts = this.observer.live.values();
    const isLive = attempts.some(({ step: { derivation } }) => derivation === facts.derivation);
    if (!isLive) this.#universe.built.add(facts.derivation);
    const { derivation } = facts;
    this.observer.apply({ type: 'step-found-built', derivation, result: resultOf(facts) });
  }

  /** Something is gone; whoever needs it is told at once. */
  #collectGarbage(): void {
    const { derivation } = pick(this.#universe.all, this.#dice(1000));
    if (!this.#universe.built.delete(derivation)) return;
    const needing = this.#universe.all.filter(
      (facts) =>
        facts.inputs.includes(derivation) && this.observer.farm.view.hasStep(facts.derivation),
    );
    const steps = this.#universe.unfinishedBelow(needing.map((facts) => facts.derivation));
    this.observer.apply({ type: 'builds-queued', builds: [], steps });
  }

  #withdraw(): void {
    const builds = [...this.observer.unfinished.keys()];
    const id = builds[this.#dice(Math.max(builds.length, 1))];
    if (id !== undefined) this.observer.apply({ type: 'build-withdrawn', build: id });
  }

  #bump(): void {
    const id = buildId(this.#dice(this.#builds + 1));
    const globalPriority = this.#dice(4);
    this.observer.apply({ type: 'build-reprioritised', build: id, globalPriority });
  }

  #passTime(): void {
    this.observer.now = instant(this.observer.now + this.#dice(400_000));
    this.observer.apply({ type: 'time-came' });
  }

  #seeJobset(): void {
    const jobset = jobsetId(1 + this.#dice(3));
    const shares = 1 + this.#dice(100);
    this.observer.apply({ type: 'jobset-seen', jobset, shares, usedSeconds: this.#dice(1000) });
    const selection = pick(selectionNames, this.#dice(4));
    const machineOrder = pick(machineOrders, this.#dice(4));
    // Without a limit of jobs there would be nothing to hold the farm to.
    const capacity = pick(
      capacityRules.filter((rule) => rule !== 'Dynamic'),
      this.#dice(3),
    );
    const placement = { machineOrder, capacity };
    const settings = { ...this.#settings, selection, ...placement, maxTries: 1 + this.#dice(5) };
    this.observer.apply({ type: 'settings-changed', settings });
  }
}
