import type { ProvisionerConfiguration } from './configuration.ts';
import type { Turn } from './lead.ts';
import type { Decision } from './decisions.ts';
import type { Plan } from './plan/plan.ts';

/** Its own account of itself, for the page and for people: how the pools stand, and what was begun last. */
export function describeStatus({
  latest,
  decisions,
  turn,
  configuration,
}: {
  readonly latest: Plan | null;
  readonly decisions: readonly Decision[];
  readonly turn: Turn;
  readonly configuration: ProvisionerConfiguration;
}) {
  const { owner, currency } = configuration;
  const { pools = [], remarks = [], memory } = latest ?? {};
  return {
    owner,
    currency,
    pools,
    remarks,
    decisions,
    at: memory?.now ?? 0,
    /** Who acts in its place; null: it acts. */
    leader: turn.type === 'leads' ? null : turn.holder,
  };
}
