import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { outputPath, parseDerivation } from '@iolaus/nix';
import type { Derivation, DerivationPath, StoreDirectory, StorePath } from '@iolaus/nix';

/** Between so many files other things happen: some ten milliseconds. */
const filesAtATime = 200;

/** Reads graphs of derivations from a store, each derivation once. */
export class GraphWalk {
  readonly #directory: StoreDirectory;
  readonly #onRead: (count: number) => void;
  readonly #seen = new Set<DerivationPath>();
  readonly #unnamed = new Set<DerivationPath>();

  /** @param onRead told how many there have been */
  constructor(directory: StoreDirectory, onRead: (count: number) => void) {
    this.#directory = directory;
    this.#onRead = onRead;
  }

  /** Those that were read of which an output has no path before it is built. */
  get unnamed(): ReadonlySet<DerivationPath> {
    return this.#unnamed;
  }

  /** Whether the store has it, and with it all that it needs. */
  has(path: DerivationPath): boolean {
    return this.#seen.has(path) || this.#read(path) !== null;
  }

  /** The outputs and sources in the graph below these, as far as it was not read before; nothing of what is not in the store. */
  async walk(roots: Iterable<DerivationPath>): Promise<StorePath[]> {
    const found: StorePath[] = [];
    const open = [...roots];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (this.#seen.has(path)) continue;
      const derivation = this.#read(path);
      if (derivation === null) continue;
      this.#seen.add(path);
      found.push(...derivation.inputSources, ...this.#outputs(path, derivation));
      open.push(...derivation.inputDerivations.keys());
      this.#onRead(this.#seen.size);
      if (this.#seen.size % filesAtATime === 0) await yieldToOthers();
    }
    return found;
  }

  #outputs(path: DerivationPath, { outputs }: Derivation): StorePath[] {
    const known = [...outputs.values()].map(outputPath).filter((output) => output !== null);
    if (known.length < outputs.size) this.#unnamed.add(path);
    return known;
  }

  #read(path: DerivationPath): Derivation | null {
    try {
      return parseDerivation(this.#directory, path, readFileSync(join(this.#directory, path)));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
  }
}
