import { parse } from 'smol-toml';

/**
 * The line, from 1, on which the value at `path` begins; null if it is not there. The parser tells no positions, but
 * it can be asked: the value is there from the first line on with which the beginning of the file has it.
 */
export function findLine(text: string, path: readonly PropertyKey[]): number | null {
  if (path.length === 0) return null;
  const lines = text.split('\n');
  let begins = 1;
  for (let count = 1; count <= lines.length; count += 1) {
    const table = parseBeginning(lines.slice(0, count).join('\n'));
    // In the middle of a value that goes on for several lines.
    if (table === null) continue;
    if (hasValue(table, path)) return begins;
    begins = count + 1;
  }
  return null;
}

function parseBeginning(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

function hasValue(table: unknown, path: readonly PropertyKey[]): boolean {
  let value: unknown = table;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return false;
    value = Reflect.get(value, part);
  }
  return true;
}
