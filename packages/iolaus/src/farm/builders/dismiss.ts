import type { Builder } from './builder.ts';
import type { FarmState } from '../farm-state.ts';
import { leaveBuilder } from './membership.ts';
import { refreshFitness } from '../queues/queue.ts';
import { listen, silentAt } from './silence.ts';

/**
 * No ping has come for a while. First the builder gets nothing more; then what it had is lost, and its tunnel is closed: a
 * connection that is half open may never break by itself.
 */
export function lookForSilence(farm: FarmState, builder: Builder): void {
  builder.listenAt = undefined;
  const at = silentAt(farm, builder);
  if (at === undefined || at > farm.now) {
    listen(farm, builder);
    return;
  }
  if (builder.isSilent) {
    farm.effects.push({ type: 'dismiss-builder', builder: builder.id });
    leaveBuilder(farm, builder.id);
    return;
  }
  builder.isSilent = true;
  refreshFitness(farm, builder);
  listen(farm, builder);
}
