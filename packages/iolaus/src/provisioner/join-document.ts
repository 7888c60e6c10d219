import type { Clock } from '../clock/clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import { mintJoinToken } from '../protocol/join-token.ts';
import type { Hands } from './carry-out.ts';
import type { ProvisionerConfiguration } from './configuration.ts';

/** Tells a new machine's builder whom to dial, and gives it a token for what its pool is, and nothing else. */
export function joinDocumentFor(
  {
    configuration,
    joinKey,
  }: { readonly configuration: ProvisionerConfiguration; readonly joinKey: string | null },
  clock: Pick<Clock, 'now'> = systemClock,
): Hands['joinDocument'] {
  const { endpoint, exitWhenIdle = null, afterwards } = configuration.join;
  return ({ name, pool: poolName, offer }) => {
    const pool = configuration.pools.find((one) => one.name === poolName);
    const token =
      joinKey === null || pool === undefined
        ? null
        : mintJoinToken(joinKey, {
            hostname: name,
            systems: pool.systems,
            features: [...pool.features, ...pool.mandatoryFeatures],
            mandatoryFeatures: pool.mandatoryFeatures,
            maxJobs: offer.slots,
            // It has to have joined by then; a machine that is started again is bound already.
            expiresAt: clock.now() + pool.bootDeadline + 60_000,
          });
    return { endpoint, token, exitWhenIdle, afterwards };
  };
}
