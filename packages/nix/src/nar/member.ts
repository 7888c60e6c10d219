import { fromBytes, fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import type { NarNode, NarReadEvent } from './event.ts';
import type { NarListing } from './listing.ts';
import { parseNarBatches } from './parse-nar.ts';
import { TreeError } from './tree-error.ts';

/**
 * What a listing holds at a path such as `/bin/hello`; `/` is the root, and slashes at the end or doubled mean nothing.
 * Null where there is nothing. Symlinks are not followed.
 */
export function findMember(root: NarListing, path: string | Uint8Array): NarListing | null {
  let found: NarListing | null = root;
  for (const name of namesOf(path))
    found = found?.type === 'directory' ? (found.entries.get(name) ?? null) : null;
  return found;
}

/**
 * The contents of one file in an archive, piece by piece. Reads the archive up to the end of that file and no further,
 * and keeps nothing of the rest.
 * @param path as for `findMember`
 * @throws TreeError if there is no file of that path; NixFormatError for what Nix would not accept
 */
export async function* readMember(
  archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  path: string | Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  const names = namesOf(path);
  const shown = `/${names.map((name) => Buffer.from(name, 'latin1').toString()).join('/')}`;
  const search = new Search(names);
  /** Bytes to come of the file, once that has been found. */
  let remaining: number | null = null;
  for await (const events of parseNarBatches(archive)) {
    for (const event of events) {
      if (remaining !== null && event.type === 'contents') {
        yield event.bytes;
        remaining -= event.bytes.length;
      } else if (search.isWanted(event)) {
        if (event.type !== 'regular')
          throw new TreeError('not-a-file', shown, `is a ${event.type}, not a file`);
        remaining = event.size;
      }
      if (remaining === 0) return;
    }
  }
  throw new TreeError('missing', shown, 'is not in the archive');
}

function namesOf(path: string | Uint8Array): ByteString[] {
  const bytes = typeof path === 'string' ? fromUtf8(path) : fromBytes(path);
  return bytes.split('/').filter((name): name is ByteString => name !== '');
}

/** Looks for a path in what comes by. */
class Search {
  readonly #names: readonly ByteString[];
  #depth = 0;
  /** So many open directories, from the root on, are on the way to what is looked for. */
  #onTheWay = 0;

  constructor(names: readonly ByteString[]) {
    this.#names = names;
  }

  isWanted(event: NarReadEvent): event is Extract<NarReadEvent, { name: ByteString }> {
    if (event.type === 'contents') return false;
    if (event.type === 'end-directory') {
      this.#depth -= 1;
      this.#onTheWay = Math.min(this.#onTheWay, this.#depth);
      return false;
    }
    const fits = this.#fits(event);
    const wanted = fits && this.#depth === this.#names.length;
    if (event.type === 'directory') {
      if (fits) this.#onTheWay += 1;
      this.#depth += 1;
    }
    return wanted;
  }

  #fits({ name }: Extract<NarNode, { name: ByteString }>): boolean {
    if (this.#onTheWay !== this.#depth) return false;
    return this.#depth === 0 || name === this.#names[this.#depth - 1];
  }
}
