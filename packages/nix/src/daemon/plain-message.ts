import { stripVTControlCharacters } from 'node:util';
import { unit } from './wire/layout.ts';
import type { Layout } from './wire/layout.ts';

/**
 * A message of the daemon as plain text: without colours, and without saying that it is an error. It may
 * quote a builder, who may say anything, so that it need not be UTF-8.
 */
export const plainMessage: Layout<string> = unit(
  (writer, value) => writer.text(value),
  (cursor) => stripVTControlCharacters(cursor.bytes().toString('utf8')).replace(/^error: /, ''),
);
