import type { FarmEffect } from './effect.ts';
import type { FarmEvent, FarmSettings } from './event.ts';
import type { Instant } from './identity.ts';

/** The one place where the farm's truth lives. */
export interface Farm {
  /** Same events, same order, same times: same effects. */
  apply(event: FarmEvent, now: Instant): readonly FarmEffect[];
}

export declare function createFarm(settings: FarmSettings): Farm;
