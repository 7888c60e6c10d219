import type { Plan } from '../../provisioner/plan/plan.ts';
import { parseParameters, refusePositionals } from '../command.ts';
import { foresee } from './foresee.ts';
import { openSettings } from './settings.ts';

/** `iolaus provisioner plan` */
export async function printPlan(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('provisioner plan', parameters, {
    config: { type: 'string', short: 'c' },
    json: { type: 'boolean', default: false },
  });
  refusePositionals('provisioner plan', positionals);
  await using settings = await openSettings(values.config);
  const { memory: _own, ...plan } = await foresee(settings);
  console.log(values.json ? JSON.stringify(plan, null, 2) : describePlan(plan));
  return 0;
}

/** A line for each pool, and one for each thing that would be done. */
export function describePlan({ pools, wishes, remarks }: Omit<Plan, 'memory'>): string {
  const lines = pools.map(({ pool, existing, booting, ready, draining, sentence }) => {
    return `${pool}: ${existing} there (${booting} booting, ${ready} ready, ${draining} draining). ${sentence}`;
  });
  const deeds = wishes.map(({ type, name, because }) => `  ${type} ${name}: ${because}`);
  return [...lines, ...deeds, ...remarks].join('\n');
}
