import type { BinaryCache } from '../../../cache/binary-cache.ts';
import type { DirectCache } from '../direct/direct-cache.ts';
import type { OverflowRule } from './overflow-rule.ts';

/** The store of what only some jobsets need. */
export type OverflowDoor = {
  readonly rule: OverflowRule;
  /** As it is now; null: there is none. */
  readonly cache: () => DirectCache | null;
  /** The one that everybody else's things are in; null: there is none that we can read. */
  readonly regular: () => BinaryCache | null;
};
