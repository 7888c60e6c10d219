import type { BasicDerivation } from '@iolaus/nix';
import type { Effect } from '../../farm/effect.ts';
import type { AttemptNumber } from '../../farm/identity.ts';
import type { FarmView } from '../../farm/view.ts';
import { describeError } from '../../fault/fault.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import type { Attempts } from './attempts.ts';
import type { Builders } from '../builders/builders.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';
import type { DirectCache } from '../uploads/direct/direct-cache.ts';
import type { Leftovers } from './leftovers.ts';
import type { Decisions } from '../records/decisions.ts';
import type { Derivations } from '../store/derivations.ts';

type StartAttempt = Effect<'start-attempt'>;

type Prepared =
  | { readonly type: 'ready'; readonly derivation: BasicDerivation }
  | { readonly type: 'unreadable'; readonly message: string };

/** Sends steps to builders. */
export type Dispatch = {
  /** Names the attempt and resolves the derivation, while the attempt is being recorded. */
  prepare(effect: StartAttempt): void;
  send(effect: StartAttempt): void;
};

export function openDispatch(options: {
  readonly attempts: Attempts;
  readonly view: Pick<FarmView, 'holder'>;
  readonly derivations: Derivations;
  readonly leftovers: Leftovers;
  /** As it is now. */
  readonly configuration: () => RunnerConfiguration;
  /** Handed in late, since the builders' reports come before them. */
  readonly builders: () => Builders;
  readonly decisions: () => Decisions;
  /** Where builders are to upload to themselves. */
  readonly directCache: () => DirectCache | null;
}): Dispatch {
  const { attempts, view, derivations, leftovers, configuration } = options;
  const { builders, decisions, directCache } = options;
  const prepared = new Map<AttemptNumber, Prepared>();

  const prepare = (effect: StartAttempt): void => {
    attempts.add({
      attempt: effect.attempt,
      derivation: effect.step.derivation,
      builder: effect.builder,
      hostname: effect.hostname,
      build: effect.build,
      startedAt: effect.startedAt,
      maxSilentSeconds: effect.maxSilentSeconds,
      timeoutSeconds: effect.timeoutSeconds,
      isGranted: builders().canComeBack(effect.builder),
    });
    prepared.set(effect.attempt, resolve(effect));
  };

  const resolve = (effect: StartAttempt): Prepared => {
    try {
      return { type: 'ready', derivation: derivations.resolve(effect.step.derivation) };
    } catch (error) {
      return { type: 'unreadable', message: `it cannot be sent: ${describeError(error)}` };
    }
  };

  const send = (effect: StartAttempt): void => {
    const ready = prepared.get(effect.attempt);
    prepared.delete(effect.attempt);
    const live = attempts.byNumber(effect.attempt);
    if (ready === undefined || live === undefined || !isStillMeant(effect)) return;
    if (ready.type === 'unreadable') {
      fail(effect, ready.message);
      return;
    }
    live.phase = 'connecting';
    hand(effect, ready.derivation).catch((error: unknown) =>
      fail(effect, `it cannot be sent: ${describeError(error)}`),
    );
  };

  const hand = async (effect: StartAttempt, derivation: BasicDerivation): Promise<void> => {
    if (derivation.outputs.size > 1) {
      await leftovers.clear(effect.step.derivation);
      if (!isStillMeant(effect)) return;
    }
    const message = { type: 'build', order: order(effect, derivation) } as const;
    if ((await builders().send(effect.builder, message)) || !isStillMeant(effect)) return;
    await decisions().submit({ type: 'attempt-undelivered', attempt: effect.attempt });
  };

  /** False if it was given up while it was being recorded: a builder that got it now would work in vain. */
  const isStillMeant = ({ attempt, builder }: StartAttempt): boolean =>
    attempts.byNumber(attempt) !== undefined && view.holder(attempt) === builder;

  const fail = ({ attempt }: StartAttempt, message: string): void => {
    decisions()
      .submit({ type: 'dispatch-failed', attempt, message })
      .catch(() => {});
  };

  const order = (effect: StartAttempt, derivation: BasicDerivation): BuildOrder => {
    const attempt = attempts.uuidOf(effect.attempt);
    if (attempt === undefined) throw new Error(`attempt ${effect.attempt} has no name`);
    return {
      attempt,
      fence: effect.attempt,
      derivationPath: effect.step.derivation,
      derivation,
      maxLogBytes: configuration().maxLogSize,
      maxSilentSeconds: effect.maxSilentSeconds,
      timeoutSeconds: effect.timeoutSeconds,
      maxOutputBytes: configuration().maxOutputSize,
      // Links to debug information are made of what is read, here, when it is signed.
      presignedUpload:
        directCache() !== null && builders().canUpload(effect.builder)
          ? { debugInfo: false }
          : null,
    };
  };

  return { prepare, send };
}
