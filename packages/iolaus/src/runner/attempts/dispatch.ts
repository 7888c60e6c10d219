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

type DispatchOptions = {
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
};

export const openDispatch = (options: DispatchOptions): Dispatch => new PreparedDispatch(options);

class PreparedDispatch implements Dispatch {
  readonly #options: DispatchOptions;
  readonly #prepared = new Map<AttemptNumber, Prepared>();

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  prepare(effect: StartAttempt): void {
    const { attempts, builders } = this.#options;
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
    this.#prepared.set(effect.attempt, this.#resolve(effect));
  }

  send(effect: StartAttempt): void {
    const prepared = this.#prepared.get(effect.attempt);
    this.#prepared.delete(effect.attempt);
    const live = this.#options.attempts.byNumber(effect.attempt);
    if (prepared === undefined || live === undefined || !this.#isStillMeant(effect)) return;
    if (prepared.type === 'unreadable') {
      this.#fail(effect, prepared.message);
      return;
    }
    live.phase = 'connecting';
    this.#hand(effect, prepared.derivation).catch((error: unknown) =>
      this.#fail(effect, `it cannot be sent: ${describeError(error)}`),
    );
  }

  #resolve(effect: StartAttempt): Prepared {
    try {
      const derivation = this.#options.derivations.resolve(effect.step.derivation);
      return { type: 'ready', derivation };
    } catch (error) {
      return { type: 'unreadable', message: `it cannot be sent: ${describeError(error)}` };
    }
  }

  async #hand(effect: StartAttempt, derivation: BasicDerivation): Promise<void> {
    const { leftovers, builders, decisions } = this.#options;
    if (derivation.outputs.size > 1) {
      await leftovers.clear(effect.step.derivation);
      if (!this.#isStillMeant(effect)) return;
    }
    const message = { type: 'build', order: this.#order(effect, derivation) } as const;
    if ((await builders().send(effect.builder, message)) || !this.#isStillMeant(effect)) return;
    await decisions().submit({ type: 'attempt-undelivered', attempt: effect.attempt });
  }

  /** False if it was given up while it was being recorded: a builder that got it now would work in vain. */
  #isStillMeant({ attempt, builder }: StartAttempt): boolean {
    const { attempts, view } = this.#options;
    return attempts.byNumber(attempt) !== undefined && view.holder(attempt) === builder;
  }

  #fail({ attempt }: StartAttempt, message: string): void {
    this.#options
      .decisions()
      .submit({ type: 'dispatch-failed', attempt, message })
      .catch(() => {});
  }

  #order(effect: StartAttempt, derivation: BasicDerivation): BuildOrder {
    const { attempts, configuration, directCache, builders } = this.#options;
    const attempt = attempts.uuidOf(effect.attempt);
    if (attempt === undefined) throw new Error(`attempt ${effect.attempt} has no name`);
    const uploads = directCache() !== null && builders().canUpload(effect.builder);
    return {
      attempt,
      fence: effect.attempt,
      derivationPath: effect.step.derivation,
      derivation,
      maxLogBytes: configuration().maxLogSize,
      maxSilentSeconds: effect.maxSilentSeconds,
      timeoutSeconds: effect.timeoutSeconds,
      maxOutputBytes: configuration().maxOutputSize,
      // The runner itself makes links to debug information, of what it reads before it signs.
      presignedUpload: uploads ? { debugInfo: false } : null,
    };
  }
}
