import type { DerivationPath } from '@iolaus/nix';
import { sleep } from '../../clock/clock.ts';
import type { Clock } from '../../clock/clock.ts';
import type { BuildId } from '../../farm/identity.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { FarmEvent } from '../../farm/event.ts';
import type { FarmView } from '../../farm/view.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import { isImpure } from './realised.ts';
import { unfold } from './unfold.ts';
import type { UnfoldingAnswer, UnfoldingSources } from './unfold.ts';

type Effect<Type extends FarmEffect['type']> = Extract<FarmEffect, { readonly type: Type }>;

/** Answers the farm when it asks what a step is whose inputs are built, and keeps what comes of it. */
export interface Unfolding extends AsyncDisposable {
  unfold(derivation: DerivationPath): void;
  /** An attempt begins: what an impure derivation comes to is for those that wait for it now. */
  noteStart(effect: Effect<'start-attempt'>): void;
  noteResolved(effect: Effect<'resolve-step'>): void;
  noteSuccess(effect: Effect<'finish-attempt'>): void;
  /** It is recorded: the daemon is to know what came of it, too. */
  tellStore(derivation: DerivationPath): void;
  letGo(derivation: DerivationPath): void;
  /** All that is queued is known: lets go what an earlier runner held for nobody. */
  dropUnneeded(): Promise<void>;
}

// Each asks the daemon and the database some questions, of which the daemon answers four at a time.
const answersAtATime = 8;
// A daemon or a database that is restarted is back within seconds.
const againMilliseconds = 1_000;

export function openUnfolding(
  options: Pick<UnfoldingSources, 'store'> & {
    /** Where is looked for what a step needs. */
    readonly sourcesOf: (derivation: DerivationPath) => Promise<UnfoldingSources['sources']>;
    readonly view: Pick<FarmView, 'step' | 'hasStep'>;
    readonly submit: (event: FarmEvent) => Promise<void>;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Unfolding {
  const { sourcesOf, store, view, submit, clock, logger } = options;
  const stopping = new AbortController();
  const waiting = new Set<DerivationPath>();
  const working = new Set<Promise<void>>();
  /** What succeeded while answers were looked for: they may be out of date. */
  const succeeded = new Set<DerivationPath>();

  const begin = (): void => {
    for (const derivation of waiting) {
      if (working.size >= answersAtATime || stopping.signal.aborted) return;
      waiting.delete(derivation);
      const work = answer(derivation).finally(() => {
        working.delete(work);
        if (working.size === 0) succeeded.clear();
        begin();
      });
      working.add(work);
    }
  };

  const answer = async (derivation: DerivationPath): Promise<void> => {
    while (isAsked(derivation) && !stopping.signal.aborted) {
      try {
        const sources = await sourcesOf(derivation);
        const found = await unfold(derivation, { sources, store });
        if (!stillHolds(found)) continue;
        if (isAsked(derivation)) submit(found).catch(() => {});
        else await release(derivation);
        return;
      } catch (error) {
        const told = { derivation, error: describeError(error) };
        logger.warn(told, 'what a derivation is cannot be found out; trying again');
        await sleep(clock, againMilliseconds, stopping.signal);
      }
    }
  };

  const isAsked = (derivation: DerivationPath): boolean =>
    view.step(derivation)?.state.type === 'unfolding';

  /** What was a step when it was looked for may have ended, and what was none may have been built. */
  const stillHolds = (found: UnfoldingAnswer): boolean => {
    if (found.type !== 'step-resolved' || found.resolved.result !== null) return true;
    const { into, steps } = found.resolved;
    return view.hasStep(into) || (steps.length > 0 && !succeeded.has(into));
  };

  const release = async (derivation: DerivationPath): Promise<void> => {
    try {
      await store.resolved.letGo(derivation);
    } catch (error) {
      const told = { derivation, error: describeError(error) };
      logger.warn(told, 'a derivation is kept from the garbage collector for nobody');
    }
  };

  const noteIfImpure = (derivation: DerivationPath, build: BuildId): void => {
    if (isNamed(store, derivation) || !isImpure(store.derivations.read(derivation))) return;
    store.realised.noteBuilds(derivation, view.step(derivation)?.builds ?? [build]);
  };

  const register = async (derivation: DerivationPath): Promise<void> => {
    const outputs = store.realised.outputs(derivation);
    if (outputs === undefined) return;
    try {
      await store.realisations.register(derivation, outputs);
    } catch (error) {
      const told = { derivation, error: describeError(error) };
      logger.warn(told, 'the store was not told what the outputs of a derivation are');
    }
  };

  return {
    unfold: (derivation) => {
      waiting.add(derivation);
      begin();
    },
    noteStart: ({ step, build }) => noteIfImpure(step.derivation, build),
    noteResolved: ({ step, into, build }) => {
      store.realised.noteResolution(step.derivation, into);
      noteIfImpure(step.derivation, build);
    },
    noteSuccess: ({ derivation, result, build }) => {
      if (working.size > 0) succeeded.add(derivation);
      if (result === null || isNamed(store, derivation)) return;
      const outputs = [...result.outputs].map(([name, { path }]) => [name, path] as const);
      store.realised.noteOutputs(derivation, new Map(outputs));
      // An earlier runner may have begun it.
      if (store.realised.builds(derivation) === null) noteIfImpure(derivation, build);
    },
    tellStore: (derivation) => void register(derivation),
    letGo: (derivation) => void release(derivation),
    dropUnneeded: async () => {
      const held = await store.resolved.held();
      await Promise.all(held.filter((path) => !view.hasStep(path)).map(release));
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.all(working);
    },
  };
}

/** Of what is gone from the store meanwhile nothing needs to be remembered. */
function isNamed({ derivations }: UnfoldingSources['store'], derivation: DerivationPath): boolean {
  try {
    return derivations.isNamed(derivation);
  } catch {
    return true;
  }
}
