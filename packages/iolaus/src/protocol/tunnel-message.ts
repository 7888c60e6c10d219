import type { AttemptReport, StepUpdate } from './attempt-report.ts';
import type { BuildOrder } from './build-order.ts';
import type { AttemptUuid } from './identity.ts';
import type { Join, JoinAnswer, Ping } from './join.ts';

/** What a builder says on the tunnel: one join, first. The last two only if the runner's answer told a dialect. */
export type FromBuilder =
  | { readonly type: 'join'; readonly join: Join }
  | { readonly type: 'ping'; readonly ping: Ping }
  | { readonly type: 'step-update'; readonly update: StepUpdate }
  | { readonly type: 'complete'; readonly report: AttemptReport };

/** What a runner says on the tunnel: one `joined`, first. */
export type FromRunner =
  | {
      readonly type: 'joined';
      readonly answer: JoinAnswer;
      /** 0 from Hydra's runner: it takes reports by calls only. */
      readonly dialect: number;
    }
  | { readonly type: 'configuration'; readonly maxConcurrentDownloads: number }
  | { readonly type: 'ping' }
  | { readonly type: 'build'; readonly order: BuildOrder }
  /** An order that names an attempt but cannot be understood; it wants to be reported as `preparing-failed`. */
  | { readonly type: 'unreadable-build'; readonly attempt: AttemptUuid; readonly message: string }
  | { readonly type: 'abort'; readonly attempt: AttemptUuid }
  /** The answer to `complete`: the report is recorded, or not wanted any more. */
  | { readonly type: 'completed'; readonly attempt: AttemptUuid };

/** What follows the join. */
export type BuilderMessage = Exclude<FromBuilder, { readonly type: 'join' }>;
/** What a runner may send once the tunnel is open. */
export type RunnerMessage = Exclude<FromRunner, { readonly type: 'joined' | 'unreadable-build' }>;
