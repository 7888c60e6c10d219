import type { Derivation, DerivationPath, StorePath } from '@iolaus/nix';
import type { BuildId } from '../../farm/identity.ts';

/** An impure derivation comes to something else each time. */
export const isImpure = ({ outputs }: Derivation): boolean =>
  outputs.values().some(({ type }) => type === 'impure');

/**
 * Where outputs lie that only a build can tell, as far as the runner has heard. Kept as long as it lives: some hundred
 * bytes each, of content-addressed derivations only.
 */
export class Realised {
  readonly #outputs = new Map<DerivationPath, ReadonlyMap<string, StorePath>>();
  readonly #resolutions = new Map<DerivationPath, DerivationPath>();
  readonly #builds = new Map<DerivationPath, readonly BuildId[]>();

  /** Of the derivation, or of what it was resolved into. */
  outputs(derivation: DerivationPath): ReadonlyMap<string, StorePath> | undefined {
    return this.#outputs.get(this.#resolutions.get(derivation) ?? derivation);
  }

  resolution(derivation: DerivationPath): DerivationPath | undefined {
    return this.#resolutions.get(derivation);
  }

  /** The builds for which alone it holds, until all of them have ended; null: it holds for every build. */
  builds(derivation: DerivationPath): readonly BuildId[] | null {
    return this.#builds.get(derivation) ?? null;
  }

  noteOutputs(derivation: DerivationPath, outputs: ReadonlyMap<string, StorePath>): void {
    if (outputs.size === 0) return;
    const resolved = this.#resolutions.get(derivation) ?? derivation;
    this.#outputs.set(resolved, new Map([...(this.#outputs.get(resolved) ?? []), ...outputs]));
  }

  noteResolution(derivation: DerivationPath, into: DerivationPath): void {
    this.#resolutions.set(derivation, into);
  }

  /** What is known of it, or will be, holds for these. */
  noteBuilds(derivation: DerivationPath, builds: readonly BuildId[]): void {
    this.#builds.set(derivation, builds);
  }

  forget(derivation: DerivationPath): void {
    this.#outputs.delete(derivation);
    this.#resolutions.delete(derivation);
    this.#builds.delete(derivation);
  }
}
