import { toUtf8 } from '../byte-string.ts';
import { NixFormatError, readAt } from '../format-error.ts';
import { NarParser } from '../nar/parser.ts';
import { UnitSource } from '../nar/unit-source.ts';
import { parseStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory, StorePath } from '../store-path/store-path.ts';
import { exportMagic, pathFollows } from './exported-path.ts';
import type { ExportedPath } from './exported-path.ts';

/** A path in an export stream. Its archive comes first. */
export type ExportItem = {
  /** The archive, checked as it passes. To be read once; each chunk is good until the next is asked for. */
  readonly nar: AsyncIterable<Uint8Array>;
  /** What stands behind the archive; passes over what has not been read of that. */
  info(): Promise<ExportedPath>;
};

/** PATH_MAX: no store path is longer, whatever the store directory. */
const longestPathInBytes = 4096;
/** Nix skipped signatures of any length; the keys of their time had 512 bytes. */
const longestSignatureInBytes = 64 * 1024;

/**
 * Reads what `nix-store --export` writes. What has not been read of an item is passed over when the next is asked for.
 * @throws NixFormatError for what Nix would not accept, an end too early and bytes behind the end included
 */
export async function* readExport(
  directory: StoreDirectory,
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<ExportItem, void, undefined> {
  const source = new UnitSource(stream);
  try {
    while (await readFlag(source, 'path follows')) {
      const item = new Item(source, directory);
      yield item;
      await item.info();
    }
    await expectEnd(source);
  } finally {
    await source.close();
  }
}

class Item implements ExportItem {
  readonly #source: UnitSource;
  readonly #directory: StoreDirectory;
  readonly #archive: ArchiveWithin;
  #info: Promise<ExportedPath> | null = null;

  constructor(source: UnitSource, directory: StoreDirectory) {
    this.#source = source;
    this.#directory = directory;
    this.#archive = new ArchiveWithin(source);
  }

  get nar(): AsyncIterable<Uint8Array> {
    return chunksOf(this.#archive);
  }

  info(): Promise<ExportedPath> {
    this.#info ??= this.#readInfo();
    return this.#info;
  }

  async #readInfo(): Promise<ExportedPath> {
    while ((await this.#archive.next()) !== null);
    return readTrailer(this.#source, this.#directory);
  }
}

async function* chunksOf(archive: ArchiveWithin): AsyncGenerator<Uint8Array, void, undefined> {
  for (let chunk = await archive.next(); chunk !== null; chunk = await archive.next()) yield chunk;
}

/** An archive in a stream that goes on behind it: only reading it tells where it ends. */
class ArchiveWithin {
  readonly #source: UnitSource;
  readonly #parser = new NarParser();
  readonly #place: { readonly offset: number; readonly field: string };

  constructor(source: UnitSource) {
    this.#source = source;
    this.#place = { offset: source.offset, field: 'nar' };
  }

  /** Its next bytes, or null at its end. */
  async next(): Promise<Uint8Array | null> {
    if (this.#parser.done) return null;
    const chunk = await this.#source.next();
    if (chunk === null) return this.#parse(() => (this.#parser.end(), null));
    this.#parse(() => this.#parser.push(chunk));
    if (!this.#parser.done) return chunk;
    const surplus = this.#parser.rest().length;
    this.#source.unread(surplus);
    return chunk.subarray(0, chunk.length - surplus);
  }

  #parse<T>(parse: () => T): T {
    return readAt(this.#place, parse);
  }
}

async function readTrailer(source: UnitSource, directory: StoreDirectory): Promise<ExportedPath> {
  await expectMagic(source);
  const path = await readPath(source, directory, 'path');
  const references: StorePath[] = [];
  const count = await source.read('references', (reader) => reader.number('references'));
  while (references.length < count)
    references.push(await readPath(source, directory, `references[${references.length}]`));
  const deriver = await readOptionalPath(source, directory, 'deriver');
  if (await readFlag(source, 'signature follows'))
    await source.read('signature', (reader) => reader.string(longestSignatureInBytes, 'signature'));
  return { path, references, deriver };
}

async function readFlag(source: UnitSource, field: string): Promise<boolean> {
  const { offset } = source;
  const flag = await source.read(field, (reader) => reader.number(field));
  if (flag !== 0 && flag !== pathFollows)
    throw new NixFormatError(`${flag} stands where 0 or 1 should`, { offset, field });
  return flag === pathFollows;
}

async function expectMagic(source: UnitSource): Promise<void> {
  const place = { offset: source.offset, field: 'magic' };
  const magic = await source.read(place.field, (reader) => reader.number(place.field));
  if (magic !== exportMagic)
    throw new NixFormatError("'NIXE' should stand behind the archive", place);
}

async function readPath(
  source: UnitSource,
  directory: StoreDirectory,
  field: string,
): Promise<StorePath> {
  const { offset } = source;
  const path = await readOptionalPath(source, directory, field);
  if (path !== null) return path;
  throw new NixFormatError('a store path should stand here', { offset, field });
}

async function readOptionalPath(
  source: UnitSource,
  directory: StoreDirectory,
  field: string,
): Promise<StorePath | null> {
  const { offset } = source;
  const text = await source.read(field, (reader) => reader.string(longestPathInBytes, field));
  if (text === '') return null;
  return readAt({ offset, field }, () => parseStorePath(directory, toUtf8(text)));
}

async function expectEnd(source: UnitSource): Promise<void> {
  const { offset } = source;
  if ((await source.next()) !== null)
    throw new NixFormatError('there are bytes behind the end', { offset, field: 'stream' });
}
