import { createHasher } from '../hash/hasher.ts';
import type { Hash, HashAlgorithm } from '../hash/hash.ts';
import { dumpNar } from './dump-nar.ts';

/** What stores know of an archive. */
export type NarMeasure = {
  readonly hash: Hash;
  /** In bytes. */
  readonly size: number;
};

/** Hands an archive, or anything else, on as it comes; once it has ended, `finish` tells what has passed. */
export class NarMeter {
  readonly #hasher;
  #size = 0;

  constructor(algorithm: HashAlgorithm = 'sha256') {
    this.#hasher = createHasher(algorithm);
  }

  /** Hands the archive on as it is, and measures what passes. */
  async *measure(
    archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of archive) {
      this.update(chunk);
      yield chunk;
    }
  }

  /** Takes the next piece. */
  update(chunk: Uint8Array): void {
    this.#hasher.update(chunk);
    this.#size += chunk.length;
  }

  /** The meter is used up. */
  finish(): NarMeasure {
    return { hash: this.#hasher.finish(), size: this.#size };
  }
}

/** Hash and size of the archive that `path` would be, as `nix hash path` computes it. */
export async function hashPath(
  path: string | Uint8Array,
  algorithm: HashAlgorithm = 'sha256',
): Promise<NarMeasure> {
  const meter = new NarMeter(algorithm);
  for await (const chunk of dumpNar(path, { reuseBuffer: true })) meter.update(chunk);
  return meter.finish();
}
