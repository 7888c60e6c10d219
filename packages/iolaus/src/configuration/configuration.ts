import { existsSync, readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import type { TomlTable } from 'smol-toml';
import type { z } from 'zod';
import { Fault } from '../fault/fault.ts';
import { describeIssue } from './mistake.ts';
import type { Mistake } from './mistake.ts';

/**
 * Reads a TOML file and checks it with `schema`, which should be a `z.strictObject` so that misspelt keys are
 * found. Throws `Fault`: 'no-such-file', 'not-permitted', or 'bad-configuration', which names every mistake by file,
 * line and key, with what would be right.
 */
export function readConfiguration<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): z.output<Schema> {
  return parseConfiguration(file, readText(file), schema);
}

/** As `readConfiguration`, for a file that need not be there: without it, the schema's defaults hold. */
export function readConfigurationIfPresent<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): z.output<Schema> {
  return parseConfiguration(file, existsSync(file) ? readText(file) : '', schema);
}

/** As `readConfiguration`, for a text; `file` is what faults call it. */
export function parseConfiguration<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
): z.output<Schema> {
  const table = parseToml(file, text);
  const checked = schema.safeParse(table);
  if (checked.success) return checked.data;
  const source = { text, table, schema };
  throw badConfiguration(
    file,
    checked.error.issues.flatMap((issue) => describeIssue(issue, source)),
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): Fault {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Fault('no-such-file', `the configuration file ${file} does not exist`, {
      remedy: 'Name a file that exists.',
    });
  }
  if (code === 'EISDIR') {
    return new Fault('no-such-file', `${file} is a folder, not a configuration file`, {
      remedy: 'Name a TOML file.',
      cause,
    });
  }
  return new Fault('not-permitted', `the configuration file ${file} cannot be read`, {
    remedy: 'Let the user that runs this program read it.',
    cause,
  });
}

function parseToml(file: string, text: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [, reason = error.message] = /^Invalid TOML document: (.*)/.exec(error.message) ?? [];
    throw badConfiguration(file, [
      {
        line: error.line,
        wrong: `this is not TOML: ${reason}`,
        right: `Look at column ${error.column}; TOML is written as \`key = value\`, with texts in double quotes.`,
      },
    ]);
  }
}

function badConfiguration(file: string, mistakes: readonly Mistake[]): Fault {
  const [first] = mistakes;
  const sentences = mistakes.map(({ line, wrong }) =>
    line === null ? wrong : `line ${line}: ${wrong}`,
  );
  const sentence =
    mistakes.length === 1 && first !== undefined
      ? `${file}${first.line === null ? '' : `, line ${first.line}`}: ${first.wrong}`
      : `${file} has ${mistakes.length} mistakes: ${sentences.join('; ')}`;
  return new Fault('bad-configuration', sentence, {
    remedy: mistakes.map(({ right }) => right).join('\n'),
  });
}
