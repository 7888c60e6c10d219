import type { Transaction } from '../../database/connection/connection.ts';
import { buildFinished, notify } from '../../database/notify.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { BuildId } from '../../farm/identity.ts';

/** A failure is told once, with the builds that fail because of it behind the one that was charged. */
export async function notifyFinishedBuilds(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  /** Their rows were not finished before. */
  changed: ReadonlySet<BuildId>,
): Promise<void> {
  const notifications = groupFinished(effects).flatMap((group) => {
    const [first, ...dependents] = group.filter((build) => changed.has(build));
    return first === undefined ? [] : buildFinished([first, ...dependents]);
  });
  await notify(transaction, notifications);
}

function groupFinished(effects: readonly FarmEffect[]): BuildId[][] {
  const groups: BuildId[][] = [];
  let charged: BuildId | undefined;
  let failing: BuildId[] | undefined;
  for (const effect of effects) {
    if (effect.type === 'finish-attempt') {
      charged = effect.build;
      failing = undefined;
    } else if (effect.type === 'succeed-build') {
      groups.push([effect.build]);
    } else if (effect.type === 'fail-build') {
      if (failing === undefined) groups.push((failing = []));
      if (effect.build === charged) failing.unshift(effect.build);
      else failing.push(effect.build);
    }
  }
  return groups;
}
