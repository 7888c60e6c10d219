import { z } from 'zod';
import { Fault } from '../../fault/fault.ts';
import type { GraphNode } from './make-graph.ts';
import { readLines } from './read-lines.ts';

const nodeSchema = z.object({
  id: z.number().int().nonnegative(),
  name: z.string().min(1),
  system: z.string().min(1),
  inputDrvs: z.array(z.number().int().nonnegative()),
  requiredSystemFeatures: z.array(z.string()).default([]),
  isFixedOutput: z.boolean().default(false),
  isTopLevel: z.boolean().default(false),
});

/** Derivations of a recorded graph (`.jsonl` or `.jsonl.gz`), inputs first. */
export async function readGraph(file: string): Promise<GraphNode[]> {
  const nodes: GraphNode[] = [];
  const places = new Map<number, number>();
  for await (const { line, value } of readLines(file)) {
    const parsed = nodeSchema.safeParse(value);
    if (!parsed.success) {
      throw new Fault('bad-trace', `${file}, line ${line}: ${z.prettifyError(parsed.error)}`);
    }
    const { id, inputDrvs, requiredSystemFeatures, isTopLevel, ...rest } = parsed.data;
    const inputs = inputDrvs.map((input) => {
      const place = places.get(input);
      if (place !== undefined) return place;
      throw new Fault(
        'bad-trace',
        `${file}, line ${line}: ${id} needs ${input}, which no line before it is`,
      );
    });
    places.set(id, nodes.length);
    nodes.push({ ...rest, requiredFeatures: requiredSystemFeatures, isJob: isTopLevel, inputs });
  }
  return nodes;
}
