import type { BuildId } from '../../farm/identity.ts';
import type { LiveView } from '../up/live-view.ts';
import type { LocalFarm } from '../up/local-farm.ts';
import { watchBuilds } from './watch-builds.ts';

/** Shows builds until all are finished, or until the signal aborts. `startedAt` in milliseconds since the epoch. */
export async function followBuilds(
  farm: LocalFarm,
  builds: readonly BuildId[],
  view: LiveView,
  options: { readonly startedAt: number; readonly signal: AbortSignal },
): Promise<void> {
  const { startedAt, signal } = options;
  const progress = () => farm.progress();
  await watchBuilds(
    farm.database,
    builds,
    (watched) => view.show({ builds: watched, progress, startedAt }),
    signal,
  );
}
