import type { ProvisionerConfiguration } from './configuration.ts';
import type { Turn } from './lead.ts';
import type { Plan } from './plan/plan.ts';

/** Its own account of itself, for the page and for people: how the pools stand, and what was begun last. */
export function describeStatus({
  latest,
  turn,
  configuration,
}: {
  readonly latest: Plan | null;
  readonly turn: Turn;
  readonly configuration: ProvisionerConfiguration;
}) {
  const { owner, currency } = configuration;
  const { pools = [], wishes = [], remarks = [], memory } = latest ?? {};
  return {
    ...{ owner, currency, pools, remarks, at: memory?.now ?? 0 },
    /** Who acts in its place; null: it acts. */
    leader: turn.type === 'leads' ? null : turn.holder,
    wishes: wishes.map(({ type, name, because }) => ({ type, name, because })),
  };
}
