import { basename, dirname } from 'node:path';
import type { Answer } from '../../api/contract.ts';
import { newestAttempts } from '../../database/api/newest-attempts.ts';
import type { Reader } from '../../database/api/readable.ts';
import type { StepRow } from '../../database/reads/step-row.ts';
import { describeStep } from '../api/wording.ts';
import { packageOf } from '../queue/queue-rows.ts';
import type { QueueRow } from '../queue/queue-rows.ts';
import type { Sources } from '../routes.ts';
import { criticalPath } from './critical-path.ts';
import { readInputs } from './derivation-inputs.ts';

type Graph = Answer<'readGraph'>;
type Node = Graph['nodes'][number];
type Named = { readonly id: number; readonly derivation: string };

// More than anybody can look at, and a few hundred small files to be read.
const nodesMax = 400;

/**
 * What was built for a build, is, or will be, from the build itself down to what was there already: that is left out. Read
 * level by level, each with one question to the database.
 */
export async function drawGraph(
  sources: Pick<Sources, 'database' | 'queue' | 'storeDirectory'>,
  reader: Reader,
  build: Named,
): Promise<Graph> {
  const queued = await sources.queue().then(
    ({ byDerivation }) => byDerivation,
    // Without the runner there is what the database knows.
    () => new Map<string, QueueRow>(),
  );
  const directory = dirname(build.derivation);
  const root = basename(build.derivation);
  const nodes = new Map<string, Node>();
  let level = [root];
  while (level.length > 0 && nodes.size < nodesMax) {
    const paths = level.map((name) => `${directory}/${name}`);
    const rows = await newestAttempts(sources.database, reader, build.id, paths);
    const attempts = new Map(rows.map((row) => [basename(row.derivation), row]));
    const next = new Set<string>();
    for (const name of level) {
      const row = queued.get(name);
      const attempt = attempts.get(name);
      if (name !== root && row === undefined && attempt === undefined) continue;
      const inputs = await readInputs(sources.storeDirectory, `${directory}/${name}`);
      nodes.set(name, describeNode(name, row, attempt, inputs?.derivations ?? []));
      for (const input of inputs?.derivations ?? []) if (!nodes.has(input)) next.add(input);
      if (nodes.size >= nodesMax) break;
    }
    level = [...next].filter((name) => !nodes.has(name));
  }
  return finishGraph(nodes, root);
}

function describeNode(
  derivation: string,
  row: QueueRow | undefined,
  attempt: StepRow | undefined,
  inputs: readonly string[],
): Node {
  const step = attempt === undefined ? undefined : describeStep(attempt);
  const { startedAt = null, stoppedAt = null } = attempt ?? {};
  const taken = startedAt === null || stoppedAt === null ? null : stoppedAt - startedAt;
  return {
    derivation,
    name: packageOf(derivation),
    inputs: [...inputs],
    state:
      row?.state ?? (attempt?.busy ? 'leased' : attempt === undefined ? 'waiting' : 'finished'),
    status: step?.status ?? null,
    attempt: step === undefined ? null : { build: step.build, step: step.number },
    startedAt: step?.startedAt ?? null,
    stoppedAt: step?.stoppedAt ?? null,
    seconds: taken ?? row?.seconds ?? 0,
    isCritical: false,
  };
}

/** Ways lead only to what is in the graph. */
function finishGraph(found: ReadonlyMap<string, Node>, root: string): Graph {
  const nodes = new Map(
    [...found].map(([name, node]) => [
      name,
      { ...node, inputs: node.inputs.filter((input) => found.has(input)) },
    ]),
  );
  const { on, seconds } = criticalPath(nodes, root);
  return {
    nodes: [...nodes.values()].map((node) => ({ ...node, isCritical: on.has(node.derivation) })),
    isCut: found.size >= nodesMax,
    criticalSeconds: seconds,
  };
}
