import { arch, platform } from 'node:process';
import { fromUtf8 } from '../byte-string.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { makeDerivationPath } from '../derivation/make-derivation-path.ts';
import { computeHash } from '../hash/hash.ts';
import { makeFixedOutputPath } from '../store-path/make-path.ts';
import { printStorePath } from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';

/** What a derivation does, in the language of `/bin/sh`. */
export type Script = {
  readonly name: string;
  /** Writes `$out`. There is no PATH. */
  readonly script: string;
  readonly inputSources?: readonly StorePath[];
};

const processors: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/**
 * A derivation for this machine that runs a script. Its output path is made up, which daemons accept
 * from those they trust, but not as a `.drv` file.
 */
export function scriptDerivation(
  directory: StoreDirectory,
  { name, script, inputSources = [] }: Script,
): { path: DerivationPath; derivation: Derivation; output: StorePath } {
  const identity = computeHash('sha256', script);
  const output = makeFixedOutputPath(directory, name, { method: 'nar', hash: identity });
  const derivation: Derivation = {
    name,
    outputs: new Map([['out', { type: 'input-addressed', path: output }]]),
    inputDerivations: new Map(),
    inputSources,
    system: fromUtf8(`${processors[arch] ?? arch}-${platform}`),
    builder: fromUtf8('/bin/sh'),
    arguments: [fromUtf8('-c'), fromUtf8(script)],
    environment: new Map([
      [fromUtf8('name'), fromUtf8(name)],
      [fromUtf8('out'), fromUtf8(printStorePath(directory, output))],
    ]),
  };
  return { path: makeDerivationPath(directory, derivation), derivation, output };
}
