import type { Phase } from '../../farm/outcome.ts';
import type { BuildOrder } from '../../protocol/build-order.ts';
import type { MachineUuid } from '../../protocol/identity.ts';
import type { Node } from '../graph.ts';
import type { Life } from '../life.ts';
import type { BuilderPlan, Vice } from '../plan.ts';
import type { Random } from '../random.ts';
import type { Wire } from '../wire.ts';
import type { World } from '../world.ts';

/** A step that a builder was sent. */
export type Work = {
  readonly order: BuildOrder;
  readonly node: Node;
  readonly stopping: AbortController;
  /** The connection that it came by, or by which the runner let the builder keep it. */
  wire: Wire | undefined;
  /** Undefined until it has been begun. */
  phase: Phase | undefined;
};

/** A builder, as far as its work is concerned. */
export type Builder = {
  readonly plan: BuilderPlan;
  readonly world: World;
  readonly random: Random;
  readonly life: Life;
  readonly machine: () => MachineUuid;
  readonly vice: () => Vice;
  /** Says nothing, and does nothing that could be seen. */
  readonly isSilent: () => boolean;
  /** Undefined while there is none. */
  readonly wire: () => Wire | undefined;
  readonly tell: (what: string) => void;
};
