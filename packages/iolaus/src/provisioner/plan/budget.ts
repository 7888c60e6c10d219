import type { ProvisionerConfiguration } from '../configuration.ts';
import type { Member } from './fleet.ts';
import type { Memory } from './memory.ts';
import { offerNamed } from './policy.ts';
import type { Offer } from './policy.ts';

/** What may still be had, over all pools; it is used up as wishes are made. */
export type Budget = { machines: number; perHour: number; readonly reached: string | null };

export function openBudget(
  configuration: ProvisionerConfiguration,
  members: readonly Member[],
  memory: Memory,
): Budget {
  const { maxMachines, maxCostPerHour, maxCostPerDay, currency } = configuration;
  const perHour = costPerHour(configuration, members);
  const today = Object.values(memory.hours).reduce((sum, cost) => sum + cost, 0);
  const isSpent = maxCostPerDay !== undefined && today >= maxCostPerDay;
  return {
    machines: maxMachines - members.length,
    perHour: isSpent ? 0 : (maxCostPerHour ?? Infinity) - perHour,
    reached: isSpent ? `the ${maxCostPerDay} ${currency} of a day are spent` : null,
  };
}

/** Null: it fits; otherwise what it would exceed. */
export function exceeds(
  budget: Budget,
  { price }: Offer,
  { maxMachines, maxCostPerHour, currency }: ProvisionerConfiguration,
): string | null {
  if (budget.reached !== null) return budget.reached;
  if (budget.machines < 1) return `there are ${maxMachines} machines in all, which is the most`;
  if ((price ?? 0) <= budget.perHour) return null;
  return `it would cost more than ${maxCostPerHour} ${currency} an hour`;
}

export function charge(budget: Budget, { price }: Offer): void {
  budget.machines -= 1;
  budget.perHour -= price ?? 0;
}

/** What exists and is asked for; what is stopped costs nothing worth speaking of. */
export function costPerHour(
  { pools }: ProvisionerConfiguration,
  members: readonly Member[],
): number {
  return members
    .filter(({ phase }) => phase !== 'stopped')
    .reduce((sum, member) => {
      const pool = pools.find(({ name }) => name === member.pool);
      return sum + ((pool && offerNamed(pool, member.offer)?.price) ?? 0);
    }, 0);
}
