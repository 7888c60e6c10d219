import { fromUtf8, toUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import type { HashAlgorithm } from '../hash/hash.ts';
import type { ContentAddress, ContentAddressMethod } from '../store-path/content-address.ts';
import type { DerivationPath, StorePath } from '../store-path/store-path.ts';

/**
 * How the path of an output comes about.
 * - `input-addressed`: from what goes into the build; known beforehand
 * - `fixed`: from its contents, which are known beforehand, as for downloads
 * - `floating`: from its contents, once they are built
 * - `deferred`: from what goes into the build, some of which has to be built to be known
 * - `impure`: from its contents, which differ from build to build
 */
export type DerivationOutput =
  | { readonly type: 'input-addressed'; readonly path: StorePath }
  | { readonly type: 'fixed'; readonly contentAddress: ContentAddress; readonly path: StorePath }
  | {
      readonly type: 'floating';
      readonly method: ContentAddressMethod;
      readonly algorithm: HashAlgorithm;
    }
  | { readonly type: 'deferred' }
  | {
      readonly type: 'impure';
      readonly method: ContentAddressMethod;
      readonly algorithm: HashAlgorithm;
    };

/** Outputs wanted of a derivation; `dynamic` those wanted of outputs that are derivations themselves. */
export type WantedOutputs = {
  readonly outputs: readonly string[];
  readonly dynamic: ReadonlyMap<string, WantedOutputs>;
};

/** All that a daemon needs for building: inputs are paths that exist. */
export type BasicDerivation = {
  readonly name: string;
  readonly outputs: ReadonlyMap<string, DerivationOutput>;
  readonly inputSources: readonly StorePath[];
  readonly system: ByteString;
  readonly builder: ByteString;
  readonly arguments: readonly ByteString[];
  readonly environment: ReadonlyMap<ByteString, ByteString>;
};

/** As stored in a `.drv` file: inputs may be outputs of other derivations. */
export type Derivation = BasicDerivation & {
  readonly inputDerivations: ReadonlyMap<DerivationPath, WantedOutputs>;
};

/** Where the output will be, or null where only a build can tell. */
export function outputPath(output: DerivationOutput): StorePath | null {
  return output.type === 'input-addressed' || output.type === 'fixed' ? output.path : null;
}

/** The paths of all outputs that are known before building. */
export function knownOutputPaths(derivation: BasicDerivation): Map<string, StorePath> {
  const known = new Map<string, StorePath>();
  for (const [name, output] of derivation.outputs) {
    const path = outputPath(output);
    if (path !== null) known.set(name, path);
  }
  return known;
}

/** A variable of the builder's environment as text. With structured attributes there are few. */
export function environmentVariable(derivation: BasicDerivation, name: string): string | undefined {
  const value = derivation.environment.get(fromUtf8(name));
  return value === undefined ? undefined : toUtf8(value);
}
