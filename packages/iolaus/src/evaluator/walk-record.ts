import { z } from 'zod';

const path = z.array(z.string()).readonly();
const texts = z.array(z.string());
const number = z.union([z.number(), z.string()]).nullable();

const metaSchema = z.object({
  description: z.string().nullable(),
  homepage: texts,
  license: texts,
  maintainers: texts,
  schedulingPriority: number,
  maxSilent: number,
  timeout: number,
  isChannel: z.boolean(),
});

/** A line of `walk.nix`, which says what each means. */
const recordSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('file') }),
  z.object({ type: z.literal('set'), path, names: z.array(z.string()) }),
  z.object({ type: z.literal('derivation'), path, drvPath: z.string(), meta: metaSchema }),
  z.object({ type: z.literal('other'), path, kind: z.string() }),
  z.object({ type: z.literal('missing'), path, names: z.array(z.string()) }),
  z.object({ type: z.literal('thrown'), path }),
]);

export type WalkRecord = z.infer<typeof recordSchema>;
/** What a path leads to. */
export type Sight = Exclude<WalkRecord, { type: 'file' }>;
export type FoundMeta = z.infer<typeof metaSchema>;

export function parseWalkRecord(json: string): WalkRecord {
  return recordSchema.parse(JSON.parse(json));
}
