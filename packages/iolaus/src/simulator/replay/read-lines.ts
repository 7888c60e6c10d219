import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { Fault, describeError } from '../../fault/fault.ts';

/** JSON objects, one a line; unpacks `.gz`. Lines are counted from 1; empty ones are left out. */
export async function* readLines(
  file: string,
): AsyncGenerator<{ readonly line: number; readonly value: unknown }> {
  const source = createReadStream(file);
  const input = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => {}) : source;
  let line = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line += 1;
      if (text.trim() !== '') yield { line, value: parse(text) };
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (line === 0) {
      throw new Fault('no-such-file', `${file} cannot be read: ${describeError(error)}`, {
        remedy:
          'Name a recorded graph, one that this user may read; docs/replay.md says what is in it.',
        cause: error,
      });
    }
    throw new Fault('bad-trace', `${file}, line ${line}: ${describeError(error)}`, {
      remedy: 'Give a file of JSON objects, one a line; docs/replay.md says what is in them.',
      cause: error,
    });
  }
}

function parse(text: string): unknown {
  return JSON.parse(text);
}
