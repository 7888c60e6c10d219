import type { ProvisionerConfiguration } from './configuration.ts';
import type { Plan } from './plan/plan.ts';

/** Its own account of itself, for the page and for people: how the pools stand, and what was begun last. */
export function describeStatus({
  latest,
  configuration,
}: {
  readonly latest: Plan | null;
  readonly configuration: ProvisionerConfiguration;
}) {
  const { owner, currency } = configuration;
  const { pools = [], wishes = [], remarks = [], memory } = latest ?? {};
  return {
    ...{ owner, currency, pools, remarks, at: memory?.now ?? 0 },
    wishes: wishes.map(({ type, name, because }) => ({ type, name, because })),
  };
}
