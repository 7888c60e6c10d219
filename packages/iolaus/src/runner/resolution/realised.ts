import type { DerivationPath, StorePath } from '@iolaus/nix';

/**
 * Where outputs lie that only a build can tell, as far as the runner has heard. Kept as long as it lives: some hundred
 * bytes each, of content-addressed derivations only.
 */
export class Realised {
  readonly #outputs = new Map<DerivationPath, ReadonlyMap<string, StorePath>>();
  readonly #resolutions = new Map<DerivationPath, DerivationPath>();

  /** Of the derivation, or of what it was resolved into. */
  outputs(derivation: DerivationPath): ReadonlyMap<string, StorePath> | undefined {
    return this.#outputs.get(this.#resolutions.get(derivation) ?? derivation);
  }

  resolution(derivation: DerivationPath): DerivationPath | undefined {
    return this.#resolutions.get(derivation);
  }

  noteOutputs(derivation: DerivationPath, outputs: ReadonlyMap<string, StorePath>): void {
    if (outputs.size === 0) return;
    const resolved = this.#resolutions.get(derivation) ?? derivation;
    this.#outputs.set(resolved, new Map([...(this.#outputs.get(resolved) ?? []), ...outputs]));
  }

  noteResolution(derivation: DerivationPath, into: DerivationPath): void {
    this.#resolutions.set(derivation, into);
  }
}
