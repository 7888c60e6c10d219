import type { BuilderFacts } from '../../farm/facts.ts';
import { canBuild, requirementKey, requirementOf } from '../../farm/graph/requirement.ts';
import { Fault } from '../../fault/fault.ts';
import { stepFactsOf } from './told.ts';
import type { Workload } from './workload.ts';

/** Each step must have a machine that can build it: otherwise the replay would have no end. */
export function checkMachines(workload: Workload, builders: readonly BuilderFacts[]): void {
  const known = new Set<string>();
  for (const place of workload.steps.keys()) {
    const requirement = requirementOf(stepFactsOf(workload, place));
    const key = requirementKey(requirement);
    if (known.has(key)) continue;
    known.add(key);
    if (builders.some((builder) => canBuild(builder, requirement))) continue;
    const { system, features } = requirement;
    const wanted = features.length === 0 ? '' : ` with ${features.join(', ')}`;
    throw new Fault('bad-trace', `no machine of the list builds for ${system}${wanted}`, {
      remedy: 'Add one, or leave --machines out: then one kind builds everything.',
    });
  }
}
