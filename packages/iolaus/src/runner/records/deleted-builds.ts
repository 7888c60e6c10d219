import type { FarmEffect } from '../../farm/effect.ts';
import type { BuildId } from '../../farm/identity.ts';

/** Every build that a row will point at. */
export function buildsOf(effects: readonly FarmEffect[]): BuildId[] {
  const builds = new Set<BuildId>();
  for (const effect of effects) {
    if ('build' in effect) builds.add(effect.build);
    if (effect.type === 'record-failure' && effect.propagatedFrom !== null) {
      builds.add(effect.propagatedFrom);
    }
  }
  return [...builds];
}

/** Somebody may delete a jobset with its builds at any time; nothing is recorded for what is gone. */
export function leaveOutDeleted(
  effects: readonly FarmEffect[],
  present: ReadonlySet<BuildId>,
): FarmEffect[] {
  return effects
    .filter((effect) => !('build' in effect) || present.has(effect.build))
    .map((effect) =>
      effect.type === 'record-failure' &&
      effect.propagatedFrom !== null &&
      !present.has(effect.propagatedFrom)
        ? { ...effect, propagatedFrom: null }
        : effect,
    );
}
