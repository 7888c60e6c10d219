import { z } from 'zod';
import { Fault } from '../../fault/fault.ts';
import type { GraphNode } from './make-graph.ts';
import { readLines } from './read-lines.ts';

/** A derivation of a recorded graph; its build time in seconds where that was recorded. */
export type TraceNode = GraphNode & { readonly seconds: number | null };

/** Builds that were asked for together: places of nodes, and seconds after the beginning. */
export type TraceEvaluation = {
  readonly at: number;
  readonly jobset: number;
  readonly builds: readonly number[];
};

/** What a trace file tells. Nodes in the file's order, inputs before what uses them; evaluations by time. */
export type Trace = {
  readonly nodes: readonly TraceNode[];
  readonly evaluations: readonly TraceEvaluation[];
};

/** Ten years: nobody has waited longer for a build, and sums of more make no sense. */
const secondsMax = 10 * 366 * 86_400;
const seconds = z.number().nonnegative().max(secondsMax);
const id = z.number().int().nonnegative();

const nodeSchema = z.object({
  id,
  name: z.string().min(1),
  system: z.string().min(1),
  inputDrvs: z.array(id),
  requiredSystemFeatures: z.array(z.string()).default([]),
  isFixedOutput: z.boolean().default(false),
  isTopLevel: z.boolean().default(false),
  seconds: seconds.optional(),
});

const evaluationSchema = z.object({
  evaluation: id,
  at: seconds,
  jobset: id.default(1),
  builds: z.array(id),
});

/** Reads a `.jsonl` or `.jsonl.gz`. What does not fit is a `bad-trace` that names the line. */
export async function readTrace(file: string): Promise<Trace> {
  const nodes: TraceNode[] = [];
  const evaluations: TraceEvaluation[] = [];
  const places = new Map<number, number>();
  for await (const { line, value } of readLines(file)) {
    const where = `${file}, line ${line}`;
    const placeOf = (wanted: number): number => {
      const place = places.get(wanted);
      if (place !== undefined) return place;
      throw new Fault('bad-trace', `${where}: it names ${wanted}, which no line before it is`, {
        remedy: 'Inputs come before what uses them, and evaluations after their builds.',
      });
    };
    if (isEvaluation(value)) {
      const { at, jobset, builds } = fit(evaluationSchema, value, where);
      evaluations.push({ at, jobset, builds: builds.map(placeOf) });
    } else {
      const { inputDrvs, ...node } = fit(nodeSchema, value, where);
      if (places.has(node.id))
        throw new Fault('bad-trace', `${where}: ${node.id} came before`, {
          remedy: 'Each derivation has one line.',
        });
      nodes.push({
        name: node.name,
        system: node.system,
        requiredFeatures: node.requiredSystemFeatures,
        isFixedOutput: node.isFixedOutput,
        isJob: node.isTopLevel,
        inputs: inputDrvs.map(placeOf),
        seconds: node.seconds ?? null,
      });
      places.set(node.id, nodes.length - 1);
    }
  }
  return { nodes, evaluations: evaluations.toSorted((one, other) => one.at - other.at) };
}

const isEvaluation = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'evaluation' in value;

function fit<Value>(schema: z.ZodType<Value>, value: unknown, where: string): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new Fault('bad-trace', `${where}: ${place}${issue?.message ?? 'it makes no sense'}`, {
    remedy: 'docs/replay.md tells what a line may be.',
  });
}
