import { NixFormatError } from '../format-error.ts';
import type { NarReadEvent } from './event.ts';
import { NarParser } from './parser.ts';

/**
 * Reads an archive as it comes. Asks for the next chunk only when the events of the last one have been taken; contents
 * are views of the chunks.
 * @throws NixFormatError for what Nix would not accept, an end too early and bytes behind the end included
 */
export async function* parseNar(
  archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<NarReadEvent, void, undefined> {
  for await (const events of parseNarBatches(archive)) yield* events;
}

/** @internal The events of one chunk together, for those who can take them so. */
export async function* parseNarBatches(
  archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<readonly NarReadEvent[], void, undefined> {
  const parser = new NarParser();
  for await (const chunk of archive) {
    yield parser.push(chunk);
    if (parser.done && parser.rest().length > 0)
      throw new NixFormatError('there are bytes behind the end of the archive', {
        offset: parser.offset,
        field: 'archive',
      });
  }
  parser.end();
}
