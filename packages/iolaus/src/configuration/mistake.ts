import type { TomlTable } from 'smol-toml';
import type { z } from 'zod';
import { findLine } from './find-line.ts';
import { knownKeys } from './known-keys.ts';
import { nearest } from './nearest.ts';
import { printValue } from './print-value.ts';
import { describeWanted } from './wanted.ts';

/** One thing that is wrong in a file; `line` counts from 1. */
export type Mistake = {
  readonly line: number | null;
  readonly wrong: string;
  /** A sentence that says what would be right. */
  readonly right: string;
};

/** A configuration as it was written, and what it should have been. */
export type Source = {
  readonly text: string;
  readonly table: TomlTable;
  readonly schema: z.ZodType;
};

/** What a schema did not like, in the words of who wrote the file. Several keys may be unknown at once. */
export function describeIssue(issue: z.core.$ZodIssue, source: Source): Mistake[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => describeUnknownKey([...issue.path, key], source));
  }
  const key = printKey(issue.path);
  const value = valueAt(source.table, issue.path);
  const wanted = describeWanted(issue);
  return [
    value === undefined
      ? {
          line: findLine(source.text, issue.path.slice(0, -1)),
          wrong: `${key} is missing`,
          right: `Add ${key}, which should be ${wanted}.`,
        }
      : {
          line: findLine(source.text, issue.path),
          wrong: `${key} is ${printValue(value)}`,
          right: `${key} should be ${wanted}.`,
        },
  ];
}

function describeUnknownKey(path: readonly PropertyKey[], { text, schema }: Source): Mistake {
  const key = String(path.at(-1));
  const known = knownKeys(schema, path.slice(0, -1));
  const meant = nearest(key, known);
  return {
    line: findLine(text, path),
    wrong: `there is no setting ${printKey(path)}`,
    right:
      meant === null
        ? `Remove it. The settings here are ${known.toSorted().join(', ')}.`
        : `Perhaps ${printKey([...path.slice(0, -1), meant])} was meant.`,
  };
}

/** `table.key`, `list[2]`. */
function printKey(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? String(part) : `.${String(part)}`;
    })
    .join('');
}

function valueAt(table: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = table;
  for (const part of path) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? Reflect.get(value, part)
        : undefined;
  }
  return value;
}
