import type { AttemptReport, ReportedFailure } from '../../protocol/attempt-report.ts';
import type { Node } from '../graph.ts';
import type { Fate } from '../plan.ts';
import { narSize } from '../store.ts';

export type Result = AttemptReport['result'];

/** What a builder finds when it builds a node of this fate. */
export const verdicts: Readonly<Record<Fate, ReportedFailure | null>> = {
  succeeds: null,
  fails: 'build-failed',
  'times-out': 'timed-out',
  'exceeds-log-limit': 'log-limit-exceeded',
};

export const failed = (failure: ReportedFailure): Result => ({
  type: 'failed',
  failure,
  message: null,
});

export function succeeded(node: Node): Result {
  const outputs = [...node.outputs].map(
    ([name, path]) =>
      [
        name,
        { path, figures: { closureSize: narSize, narSize, narHash: null }, nixSupport: null },
      ] as const,
  );
  return { type: 'succeeded', outputs: new Map(outputs) };
}
