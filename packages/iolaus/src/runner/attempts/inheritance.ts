import { derivationPath } from '@iolaus/nix';
import type { Clock } from '../../clock/clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { readGrants } from '../../database/steps/grants.ts';
import { phaseOf } from '../../database/status.ts';
import { instant } from '../../farm/identity.ts';
import type { InheritedAttempt } from '../../farm/attempts/inherited.ts';
import { isBegun } from '../../farm/outcome.ts';
import { parseAttemptUuid } from '../../protocol/identity.ts';
import type { Attempts } from './attempts.ts';
import { closeOrphans } from './orphans.ts';

/**
 * Takes over what the runner before this one left busy: attempts whose builders may come back stay under way, the rows of
 * all others are closed.
 */
export async function inheritAttempts(options: {
  readonly database: Database;
  readonly clock: Clock;
  readonly attempts: Attempts;
}): Promise<readonly InheritedAttempt[]> {
  const { database, clock, attempts } = options;
  const grants = await readGrants(database);
  const inherited = grants.flatMap(({ uuid: text, busy, ...grant }) => {
    const uuid = parseAttemptUuid(text);
    if (uuid === null) return [];
    const derivation = derivationPath(grant.derivation);
    const { attempt, build, builder, hostname } = grant;
    const phase = phaseOf(busy) ?? 'preparing';
    attempts.inherit({ ...grant, uuid, derivation, phase });
    const startedAt = instant(grant.startedAt);
    const hasBegun = isBegun(phase);
    return [{ attempt, derivation, build, builder, hostname, startedAt, hasBegun }];
  });
  await closeOrphans({ database, clock, attempts }, 'the runner was restarted');
  return inherited;
}
