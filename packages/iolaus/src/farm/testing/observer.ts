import type { DerivationPath } from '@iolaus/nix';
import type { Effect, FarmEffect } from '../effect.ts';
import type { FarmEvent, FarmSettings } from '../event.ts';
import type { BuilderFacts, BuilderHealth, StepFacts } from '../facts.ts';
import { createFarm } from '../farm.ts';
import type { Farm } from '../farm.ts';
import { instant } from '../identity.ts';
import type { AttemptNumber, BuildId, BuilderId, Instant } from '../identity.ts';
import { canBuild, requirementOf } from '../graph/requirement.ts';

type KnownBuilder = { readonly facts: BuilderFacts; health: BuilderHealth | undefined };
export type LiveAttempt = {
  readonly attempt: AttemptNumber;
  readonly step: StepFacts;
  readonly builder: BuilderId;
};

/** Stands between a world and its farm, and judges from outside every effect that comes out. */
export class Observer {
  readonly farm: Farm;
  readonly builders = new Map<BuilderId, KnownBuilder>();
  readonly live = new Map<AttemptNumber, LiveAttempt>();
  /** What the farm asked about, and may still wait for. */
  readonly unfolding = new Set<DerivationPath>();
  readonly unfinished = new Map<BuildId, DerivationPath>();
  now: Instant = instant(0);
  /** When the farm wants to be woken. */
  wish: Instant | undefined;
  readonly #settings: FarmSettings;
  readonly #told = new Map<DerivationPath, Set<DerivationPath>>();
  readonly #history: { event: FarmEvent; now: Instant; effects: readonly FarmEffect[] }[] = [];
  #lastAttempt = 0;
  #aborted = new Set<AttemptNumber>();

  constructor(settings: FarmSettings) {
    this.#settings = settings;
    this.farm = createFarm(settings);
  }

  apply(event: FarmEvent): readonly FarmEffect[] {
    this.#prepare(event);
    const expected = this.#expectedEnds(event);
    const effects = this.farm.apply(event, this.now);
    this.#history.push({ event, now: this.now, effects });
    for (const effect of effects) this.#judge(effect);
    if (event.type === 'builder-left') this.#judgeLeft(event.builder);
    if (event.type === 'builder-rejoined') this.#judgeRejoined(event.builder, event.held);
    if (expected !== undefined) judgeEnds(effects, expected);
    if (event.type === 'build-withdrawn') this.unfinished.delete(event.build);
    insist(this.#aborted.size === 0, 'an aborted attempt was not finished');
    const breaches = this.farm.checkPromises();
    insist(breaches.length === 0, breaches.join('; '));
    insist(this.unfinished.size === this.farm.view.counts().builds, 'a build was lost');
    insist(this.live.size === this.farm.view.counts().leased, 'an attempt was lost');
    return effects;
  }

  /** Something that makes no sense: it is refused, and nothing else happens. */
  applyNonsense(event: FarmEvent): void {
    this.apply({ type: 'time-came' });
    const before = print(this.#lookAtAll());
    const effects = this.farm.apply(event, this.now);
    this.#history.push({ event, now: this.now, effects });
    insist(effects.length === 1 && effects[0]?.type === 'refuse', `${event.type} was taken in`);
    insist(print(this.#lookAtAll()) === before, `${event.type} was refused, but changed something`);
    const breaches = this.farm.checkPromises();
    insist(breaches.length === 0, breaches.join('; '));
  }

  #lookAtAll(): unknown {
    const { view, survey } = this.farm;
    return [view.counts(), [...survey.steps()], [...survey.builders()], [...survey.jobsets()]];
  }

  /** The same events at the same times once more: the effects must be the same. */
  judgeDeterminism(): void {
    const again = createFarm(this.#settings);
    for (const { event, now, effects } of this.#history) {
      insist(print(again.apply(event, now)) === print(effects), `${event.type} differs`);
    }
  }

  #prepare(event: FarmEvent): void {
    if (event.type === 'builder-joined' || event.type === 'builder-rejoined') {
      this.builders.set(event.builder, { facts: event.facts, health: undefined });
    } else if (event.type === 'builder-away') {
      const builder = this.builders.get(event.builder);
      // It gets nothing before its next ping.
      if (builder !== undefined) builder.health = undefined;
    } else if (event.type === 'builder-pinged') {
      const builder = this.builders.get(event.builder);
      if (builder !== undefined) builder.health = event.health;
    } else if (event.type === 'builds-queued') {
      for (const { derivation, inputs } of event.steps) {
        const told = this.farm.view.hasStep(derivation) ? this.#told.get(derivation) : undefined;
        this.#told.set(derivation, new Set([...(told ?? []), ...inputs]));
      }
      for (const { id, derivation } of event.builds) this.unfinished.set(id, derivation);
    } else if (event.type === 'step-resolved') {
      this.#tell(event.resolved.derivation, [event.resolved.into]);
    } else if (event.type === 'step-unfolded') {
      this.#tell(event.produced.derivation, event.produced.inputs);
    } else if (event.type === 'build-found-built' || event.type === 'build-unreadable') {
      this.unfinished.set(event.build.id, event.build.derivation);
    }
  }

  #tell(derivation: DerivationPath, inputs: readonly DerivationPath[]): void {
    this.#told.set(derivation, new Set([...(this.#told.get(derivation) ?? []), ...inputs]));
  }

  /** Builds that this event must end: all with that derivation, or all that need it. */
  #expectedEnds(event: FarmEvent): ReadonlySet<BuildId> | undefined {
    if (event.type !== 'attempt-failed') return undefined;
    const live = this.live.get(event.attempt);
    const isFinal = !/^(preparing|import|upload|post-processing|transiently)-failed$/.test(
      event.failure,
    );
    if (live === undefined) return new Set();
    return isFinal ? new Set(this.#buildsAbove(live.step.derivation)) : undefined;
  }

  *#buildsAbove(failed: DerivationPath): Generator<BuildId> {
    for (const [id, derivation] of this.unfinished) {
      const below = new Set([derivation]);
      for (const next of below) {
        for (const input of this.#told.get(next) ?? []) {
          if (this.farm.view.hasStep(input)) below.add(input);
        }
      }
      if (below.has(failed)) yield id;
    }
  }

  #judge(effect: FarmEffect): void {
    switch (effect.type) {
      case 'start-attempt':
        return this.#judgeStart(effect);
      case 'continue-attempt':
        return insist(this.live.has(effect.attempt), 'nothing goes on');
      case 'finish-attempt':
        insist(this.live.delete(effect.attempt), `attempt ${effect.attempt} ended twice`);
        this.#aborted.delete(effect.attempt);
        return undefined;
      case 'abort-attempt':
        insist(this.live.get(effect.attempt)?.builder === effect.builder, 'abort of nothing');
        this.#aborted.add(effect.attempt);
        return undefined;
      case 'record-failure':
        return insist(this.unfinished.has(effect.build), `row of ended build ${effect.build}`);
      case 'succeed-build':
      case 'fail-build':
        return insist(this.unfinished.delete(effect.build), `build ${effect.build} ended twice`);
      case 'resolve-step':
        return insist(this.unfinished.has(effect.build), `row of ended build ${effect.build}`);
      case 'unfold-step':
        this.unfolding.add(effect.derivation);
        return undefined;
      case 'refuse':
      case 'let-go':
      case 'keep-needs':
      case 'plan-retry':
      case 'drop-retry-plan':
      case 'remember-failure':
      case 'keep-emergency':
      case 'drop-emergency':
      case 'keep-hold':
      case 'drop-hold':
        return undefined;
      case 'dismiss-builder':
        insist(this.builders.delete(effect.builder), 'a stranger is dismissed');
        return undefined;
      case 'wake-at':
        insist(effect.at > this.now, 'the farm wants to be woken in the past');
        this.wish = effect.at;
        return undefined;
    }
  }

  #judgeStart({ attempt, step, builder, build }: Effect<'start-attempt'>): void {
    insist(attempt > this.#lastAttempt, `attempt ${attempt} comes after ${this.#lastAttempt}`);
    this.#lastAttempt = attempt;
    const known = this.builders.get(builder);
    insist(known !== undefined, `${builder} has not joined`);
    insist(known?.health !== undefined, `${builder} has not pinged`);
    insist(this.unfinished.has(build), `build ${build} is charged, but has ended`);
    if (known === undefined) return;
    const load = this.live.values().filter((live) => live.builder === builder);
    const { slots, ahead } = known.facts;
    insist([...load].length < slots + ahead, `${builder} gets more than it takes`);
    insist(canBuild(known.facts, requirementOf(step)), `${builder} cannot build that`);
    const isOwned = this.live.values().some((live) => live.step.derivation === step.derivation);
    insist(!isOwned, `${step.derivation} has two attempts`);
    for (const input of this.#told.get(step.derivation) ?? []) {
      insist(!this.farm.view.hasStep(input), `${step.derivation} starts before ${input}`);
    }
    this.live.set(attempt, { attempt, step, builder });
  }

  #judgeRejoined(id: BuilderId, held: readonly AttemptNumber[]): void {
    const kept = this.live.values().filter(({ builder }) => builder === id);
    // What it got with this very event is above all that it held.
    const isHeld = kept.every(({ attempt }) => held.includes(attempt));
    insist(isHeld, `an attempt stays with ${id}, which does not hold it`);
  }

  #judgeLeft(id: BuilderId): void {
    const left = this.live.values().some(({ builder }) => builder === id);
    insist(!left, `an attempt stays with ${id}, which has left`);
    this.builders.delete(id);
  }
}

function judgeEnds(effects: readonly FarmEffect[], expected: ReadonlySet<BuildId>): void {
  const failed = new Set(
    effects.filter((effect) => effect.type === 'fail-build').map(({ build }) => build),
  );
  const missed = expected.difference(failed);
  insist(missed.size === 0, `builds ${[...missed].join(', ')} should have failed`);
}

export function insist(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

function print(seen: unknown): string {
  return JSON.stringify(seen, (_, value: unknown) => (value instanceof Map ? [...value] : value));
}
