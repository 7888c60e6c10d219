import {
  createReadStream,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Fault } from '../../fault/fault.ts';
import { gather, smallBytesMax } from './gather.ts';
import type {
  ListedObject,
  ObjectFacts,
  ObjectStore,
  PutOptions,
  PutOutcome,
  StoredObject,
  StreamOptions,
} from './object-store.ts';

/** Begins the names of files that are being written: no object's key does. */
const unfinishedPrefix = '.writing-';

/** Whether a system's error says that there is no such file. */
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined;

/** A folder as a place for a cache, as Nix's `file://` has it: objects are files, their keys the paths. */
export class FolderStore implements ObjectStore {
  readonly name: string;
  readonly #folder: string;
  readonly #folders = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
    this.name = `file://${folder}`;
  }

  async head(key: string): Promise<ObjectFacts | null> {
    try {
      const stats = statSync(join(this.#folder, key), { throwIfNoEntry: false });
      return stats?.isFile() === true ? { sizeInBytes: stats.size, contentEncoding: null } : null;
    } catch (error) {
      throw this.#refusal(`look at ${key}`, error);
    }
  }

  async get(key: string): Promise<StoredObject | null> {
    const facts = await this.head(key);
    if (facts === null) return null;
    return { ...facts, body: this.#read(key) };
  }

  async *#read(key: string): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* createReadStream(join(this.#folder, key)) as AsyncIterable<Uint8Array>;
    } catch (cause) {
      throw new Fault('cache-unavailable', `${this.name}: could not read ${key}`, { cause });
    }
  }

  async put(key: string, bytes: Uint8Array, options: PutOptions): Promise<PutOutcome> {
    return this.#appear(key, options, async (file) => writeFileSync(file, bytes));
  }

  async putStream(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
    options: StreamOptions,
  ): Promise<PutOutcome> {
    // A call to the system takes microseconds, a thread of its own ten times as long.
    if (options.sizeInBytesMax <= smallBytesMax)
      return this.put(key, await gather(chunks), options);
    return this.#appear(key, options, (file) => writeAll(file, chunks));
  }

  /** Written under another name, and given its own when it is whole. */
  async #appear(
    key: string,
    { ifAbsent = false }: PutOptions,
    write: (file: string) => Promise<void>,
  ): Promise<PutOutcome> {
    const path = join(this.#folder, key);
    const unfinished = join(this.#folder, `${unfinishedPrefix}${randomUUID()}`);
    try {
      this.#makeFolder(dirname(path));
      await write(unfinished);
      if (ifAbsent) return linkAway(unfinished, path);
      renameSync(unfinished, path);
      return 'created';
    } catch (error) {
      rmSync(unfinished, { force: true });
      // What the stream throws is its own.
      throw codeOf(error) === undefined || error instanceof Fault
        ? error
        : this.#refusal(`write ${key}`, error);
    }
  }

  async delete(key: string): Promise<void> {
    await rm(join(this.#folder, key), { force: true });
  }

  async *list(prefix: string, after = ''): AsyncGenerator<ListedObject> {
    for (const key of await this.#keys(prefix)) {
      if (key <= after) continue;
      const stats = statSync(join(this.#folder, key), { throwIfNoEntry: false });
      if (stats !== undefined) yield { key, sizeInBytes: stats.size, modifiedAt: stats.mtimeMs };
    }
  }

  async #keys(prefix: string): Promise<string[]> {
    const below = prefix.includes('/') ? dirname(`${prefix}x`) : '';
    try {
      const entries = await readdir(join(this.#folder, below), {
        recursive: true,
        withFileTypes: true,
      });
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith(unfinishedPrefix))
        .map((entry) => join(entry.parentPath, entry.name).slice(this.#folder.length + 1))
        .filter((key) => key.startsWith(prefix))
        .sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw this.#refusal('list', error);
    }
  }

  #makeFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    mkdirSync(folder, { recursive: true });
    this.#folders.add(folder);
  }

  /** A full disk may have room again, whatever else is final. */
  #refusal(doing: string, cause: unknown): Fault {
    const code = codeOf(cause) === 'ENOSPC' ? 'cache-unavailable' : 'cache-refused';
    return new Fault(code, `${this.name}: could not ${doing}`, { cause });
  }

  [Symbol.dispose](): void {}
}

async function writeAll(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o644);
  for await (const chunk of chunks) await file.appendFile(chunk);
}

/** Gives a file its name, unless another has it. */
function linkAway(unfinished: string, path: string): PutOutcome {
  try {
    linkSync(unfinished, path);
    return 'created';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'exists';
    throw error;
  } finally {
    unlinkSync(unfinished);
  }
}
