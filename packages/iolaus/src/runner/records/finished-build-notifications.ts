import type { Transaction } from '../../database/connection/connection.ts';
import { buildFinished, notify } from '../../database/notify.ts';
import type { Notification } from '../../database/notify.ts';
import type { FarmEffect } from '../../farm/effect.ts';
import type { BuildId } from '../../farm/identity.ts';

export async function notifyFinishedBuilds(
  transaction: Transaction,
  effects: readonly FarmEffect[],
  /** Their rows were not finished before. */
  changed: ReadonlySet<BuildId>,
): Promise<void> {
  await notify(transaction, tellFinishedBuilds(effects, changed));
}

/**
 * A failure is told once, with the builds that fail because of it behind the one that was charged; also if that was told by
 * an earlier transaction, where there are too many for one.
 */
export function tellFinishedBuilds(
  effects: readonly FarmEffect[],
  changed: ReadonlySet<BuildId>,
): Notification[] {
  return groupFinished(effects).flatMap(({ origin, builds }) => {
    const [first, ...others] = builds.filter((build) => changed.has(build));
    if (first === undefined) return [];
    const isTold = origin === null || builds.includes(origin);
    return buildFinished(isTold ? [first, ...others] : [origin, first, ...others]);
  });
}

/** Builds that are told of together; `origin`: the one whose step failed. */
type Group = { readonly origin: BuildId | null; readonly builds: BuildId[] };

function groupFinished(effects: readonly FarmEffect[]): Group[] {
  const groups: Group[] = [];
  let failing: Group | undefined;
  const begin = (origin: BuildId | null): Group => {
    const group = { origin, builds: [] };
    groups.push(group);
    return group;
  };
  for (const effect of effects) {
    if (effect.type === 'finish-attempt') {
      // What is given up because of a failure is none itself.
      if (effect.outcome !== 'cancelled') failing = begin(effect.build);
    } else if (effect.type === 'record-failure') {
      const origin = effect.propagatedFrom ?? effect.build;
      if (failing?.origin !== origin) failing = begin(origin);
    } else if (effect.type === 'succeed-build') begin(null).builds.push(effect.build);
    else if (effect.type === 'fail-build' && !effect.unreadable) {
      // What failed before was told then.
      const group = effect.cached ? begin(null) : (failing ??= begin(null));
      group.builds.push(effect.build);
    }
  }
  return groups;
}
