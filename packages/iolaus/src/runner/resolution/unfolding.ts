import type { DerivationPath } from '@iolaus/nix';
import type { BuildId } from '../../farm/identity.ts';
import type { Effect } from '../../farm/effect.ts';
import type { FarmEvent } from '../../farm/event.ts';
import { describeError } from '../../fault/fault.ts';
import { isImpure } from './realised.ts';
import type { UnfoldingSources } from './unfold.ts';
import { UnfoldingAnswers } from './unfolding-answers.ts';
import type { AnswerOptions } from './unfolding-answers.ts';

/** Answers the farm when it asks what a step is whose inputs are built, and keeps what comes of it. */
export interface Unfolding extends AsyncDisposable {
  unfold(derivation: DerivationPath): void;
  /** An attempt begins. What an impure derivation comes to counts only for the builds that wait for it now. */
  noteStart(effect: Effect<'start-attempt'>): void;
  noteResolved(effect: Effect<'resolve-step'>): void;
  noteSuccess(effect: Effect<'finish-attempt'>): void;
  /** It is recorded: the daemon is to know what came of it, too. */
  tellStore(derivation: DerivationPath): void;
  letGo(derivation: DerivationPath): void;
  /** All that is queued is known: lets go what an earlier runner held for nobody. */
  dropUnneeded(): Promise<void>;
}

type UnfoldingOptions = Omit<AnswerOptions, 'give' | 'release'> & {
  readonly submit: (event: FarmEvent) => Promise<void>;
};

export function openUnfolding(options: UnfoldingOptions): Unfolding {
  const { store, view, submit } = options;
  const release = (derivation: DerivationPath): Promise<void> => letGo(derivation, options);
  const answers = new UnfoldingAnswers({
    ...options,
    release,
    give: (answer) => void submit(answer).catch(() => {}),
  });

  const noteIfImpure = (derivation: DerivationPath, build: BuildId): void => {
    if (isNamed(store, derivation) || !isImpure(store.derivations.read(derivation))) return;
    store.realised.noteBuilds(derivation, view.step(derivation)?.builds ?? [build]);
  };

  return {
    unfold: (derivation) => answers.ask(derivation),
    noteStart: ({ step, build }) => noteIfImpure(step.derivation, build),
    noteResolved: ({ step, into, build }) => {
      store.realised.noteResolution(step.derivation, into);
      noteIfImpure(step.derivation, build);
    },
    noteSuccess: ({ derivation, result, build }) => {
      answers.noteSuccess(derivation);
      if (result === null || isNamed(store, derivation)) return;
      const outputs = [...result.outputs].map(([name, { path }]) => [name, path] as const);
      store.realised.noteOutputs(derivation, new Map(outputs));
      // An earlier runner may have begun it.
      if (store.realised.builds(derivation) === null) noteIfImpure(derivation, build);
    },
    tellStore: (derivation) => void registerOutputs(derivation, options),
    letGo: (derivation) => void release(derivation),
    dropUnneeded: async () => {
      const held = await store.resolved.held();
      await Promise.all(held.filter((path) => !view.hasStep(path)).map(release));
    },
    [Symbol.asyncDispose]: () => answers[Symbol.asyncDispose](),
  };
}

/** Never rejects: what is held for nobody costs room, and the next runner lets it go. */
async function letGo(
  derivation: DerivationPath,
  { store, logger }: Pick<UnfoldingOptions, 'store' | 'logger'>,
): Promise<void> {
  try {
    await store.resolved.letGo(derivation);
  } catch (error) {
    const told = { derivation, error: describeError(error) };
    logger.warn(told, 'a derivation is kept from the garbage collector for nobody');
  }
}

/** Never rejects: the runner itself knows the outputs. */
async function registerOutputs(
  derivation: DerivationPath,
  { store, logger }: Pick<UnfoldingOptions, 'store' | 'logger'>,
): Promise<void> {
  const outputs = store.realised.outputs(derivation);
  if (outputs === undefined) return;
  try {
    await store.realisations.register(derivation, outputs);
  } catch (error) {
    const told = { derivation, error: describeError(error) };
    logger.warn(told, 'the store was not told what the outputs of a derivation are');
  }
}

/** A derivation that is gone from the store counts as named: nothing has to be remembered of it. */
function isNamed({ derivations }: UnfoldingSources['store'], derivation: DerivationPath): boolean {
  try {
    return derivations.isNamed(derivation);
  } catch {
    return true;
  }
}
