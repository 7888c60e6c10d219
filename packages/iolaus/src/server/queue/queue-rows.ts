import { z } from 'zod';
import { queuedState, reason } from '../../api/contract.ts';
import { readRunnerLines } from '../runner/ask-runner.ts';

/** An unfinished step as the runner tells of it. Times in milliseconds since the epoch. */
export type QueueRow = {
  /** Base name. */
  readonly derivation: string;
  /** Of the package. */
  readonly name: string;
  readonly system: string;
  readonly state: z.output<typeof queuedState>;
  readonly reason: z.output<typeof reason>;
  readonly since: number | null;
  readonly globalPriority: number;
  readonly localPriority: number;
  readonly shareUsed: number;
  readonly build: number;
  /** Ids. */
  readonly jobsets: readonly number[];
  readonly inputs: number;
  readonly tries: number;
  readonly seconds: number;
};

const number = z.number();

/** As `runner/http/queue-routes.ts` writes it. */
const line = z.tuple([
  z.string().describe('derivation'),
  z.string().describe('system'),
  queuedState,
  reason,
  number.nullable().describe('since'),
  number.describe('globalPriority'),
  number.describe('localPriority'),
  number.describe('shareUsed'),
  number.describe('build'),
  z.array(number).describe('jobsets'),
  number.describe('inputs'),
  number.describe('tries'),
  number.describe('seconds'),
]);

/** All unfinished steps of the farm. Throws if the runner does not tell. */
export async function readQueueRows(runnerUrl: string): Promise<QueueRow[]> {
  const rows: QueueRow[] = [];
  const jobsets = new Map<string, readonly number[]>();
  for await (const text of readRunnerLines(runnerUrl, '/queue')) {
    rows.push(readRow(text, jobsets));
  }
  return rows;
}

/** Most steps are there for the same jobsets: one list of each set is kept. */
function readRow(text: string, known: Map<string, readonly number[]>): QueueRow {
  const [derivation, system, state, why, since, ...counts] = line.parse(JSON.parse(text));
  const [globalPriority, localPriority, shareUsed, build, ids, inputs, tries, seconds] = counts;
  const key = ids.join();
  const jobsets = known.get(key) ?? ids;
  known.set(key, jobsets);
  return {
    derivation,
    name: packageOf(derivation),
    system,
    state,
    reason: why,
    since,
    globalPriority,
    localPriority,
    shareUsed,
    build,
    jobsets,
    inputs,
    tries,
    seconds,
  };
}

/** What follows the digest of a base name: `hello-2.12`. */
export const packageOf = (derivation: string): string => derivation.slice(33).replace(/\.drv$/, '');
