import type { ByteString } from '../byte-string.ts';
import { parseNarBatches } from './parse-nar.ts';
import { NarParser } from './parser.ts';
import type { NarReadEvent } from './event.ts';

/** What an archive holds, without the contents of files. */
export type NarListing =
  | {
      readonly type: 'regular';
      /** In bytes. */
      readonly size: number;
      readonly executable: boolean;
      /** Of the first byte of the contents, counted from the start of the archive. */
      readonly narOffset: number;
    }
  | { readonly type: 'symlink'; readonly target: ByteString }
  /** Sorted by the bytes of the names. */
  | { readonly type: 'directory'; readonly entries: ReadonlyMap<ByteString, NarListing> };

/**
 * Reads an archive for its listing; contents are passed over.
 * @throws NixFormatError for what Nix would not accept
 */
export async function listNar(
  archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<NarListing> {
  const lister = new Lister();
  for await (const events of parseNarBatches(archive))
    for (const event of events) lister.add(event);
  return lister.finish();
}

/** Lists an archive that passes by. */
export class NarLister {
  readonly #parser = new NarParser();
  readonly #lister = new Lister();

  /** Takes the next piece. @throws NixFormatError for what Nix would not accept */
  update(chunk: Uint8Array): void {
    for (const event of this.#parser.push(chunk)) this.#lister.add(event);
  }

  /** @throws NixFormatError unless the archive has ended */
  finish(): NarListing {
    this.#parser.end();
    return this.#lister.finish();
  }
}

/** Puts a listing together from events. */
class Lister {
  readonly #open: Map<ByteString, NarListing>[] = [];
  #root: NarListing | null = null;

  add(event: NarReadEvent): void {
    switch (event.type) {
      case 'directory': {
        const entries = new Map<ByteString, NarListing>();
        this.#place(event.name, { type: 'directory', entries });
        this.#open.push(entries);
        return;
      }
      case 'end-directory':
        this.#open.pop();
        return;
      case 'symlink':
        return this.#place(event.name, { type: 'symlink', target: event.target });
      case 'regular': {
        const { type, size, executable, narOffset } = event;
        return this.#place(event.name, { type, size, executable, narOffset });
      }
      case 'contents':
    }
  }

  finish(): NarListing {
    if (this.#root === null) throw new Error('No archive has ended without a root');
    return this.#root;
  }

  #place(name: ByteString, listing: NarListing): void {
    const directory = this.#open.at(-1);
    if (directory === undefined) this.#root = listing;
    else directory.set(name, listing);
  }
}
