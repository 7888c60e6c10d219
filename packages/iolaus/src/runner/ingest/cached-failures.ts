import { printStorePath } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import type { Transaction } from '../../database/connection/connection.ts';
import { epochSeconds } from '../../database/epoch-seconds.ts';
import { readFirstFailures, rememberFailures } from '../../database/steps/failed-paths.ts';
import type { Effect, FarmEffect } from '../../farm/effect.ts';
import type { StepFacts } from '../../farm/facts.ts';
import type { BuildId } from '../../farm/identity.ts';

type Failure = Effect<'record-failure'>;

/** What has failed for good is not tried again for so many seconds; 0: nothing is remembered. */
export async function recordLastingFailures(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  { store, seconds }: { readonly store: StoreDirectory; readonly seconds: number },
): Promise<void> {
  if (seconds === 0) return;
  for (const effect of effects) {
    if (effect.type !== 'remember-failure') continue;
    const expires = epochSeconds(effect.failedAt) + seconds;
    await rememberFailures(transaction, failureNames(effect.step, store), expires);
  }
}

/** Hydra has every cached failure point at the build in which the step was tried. */
export async function findOrigins(
  transaction: Transaction,
  failures: readonly Failure[],
  store: StoreDirectory,
): Promise<(failure: Failure) => BuildId | null> {
  const cached = failures.filter(({ outcome }) => outcome === 'cached-failure');
  const names = new Set(cached.flatMap(({ step }) => failureNames(step, store)));
  const origins = await readFirstFailures(transaction, [...names]);
  return ({ step, build, outcome, propagatedFrom }) => {
    if (outcome !== 'cached-failure') return propagatedFrom;
    const origin = failureNames(step, store).flatMap((name) => origins.get(name) ?? [])[0] ?? null;
    return origin === build ? null : origin;
  };
}

/**
 * What Hydra's table of failed paths has of a derivation's outputs: their paths, or where only a build can tell these, the
 * names that Nix gives to such outputs, `….drv!out`.
 */
export function failureNames(
  { derivation, outputs }: Pick<StepFacts, 'derivation' | 'outputs'>,
  store: StoreDirectory,
): string[] {
  return [...outputs].map(([output, path]) =>
    path === null ? `${printStorePath(store, derivation)}!${output}` : printStorePath(store, path),
  );
}
