import { z } from 'zod';

/** The keys that a schema has at a place, in its own order; none where the place holds no table. */
export function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const part of path) {
    node =
      typeof part === 'number' ? member(node, 'items') : member(member(node, 'properties'), part);
  }
  return Object.keys(member(node, 'properties') ?? {});
}

function member(node: unknown, name: PropertyKey): object | undefined {
  const value: unknown =
    typeof node === 'object' && node !== null ? Reflect.get(node, name) : undefined;
  return typeof value === 'object' && value !== null ? value : undefined;
}
