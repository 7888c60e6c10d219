import { fromUtf8 } from '../byte-string.ts';
import { printStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import type { Derivation, DerivationOutput } from './derivation.ts';
import type { HashesModulo } from './hash-modulo.ts';
import { makeOutputPath } from './output-path.ts';

/**
 * The derivation with the output paths that follow from everything else in it, as after a change, and with the
 * variables that name them. Outputs stay deferred where an input is only known when built. For derivations whose
 * outputs are input-addressed or deferred.
 */
export function fillOutputPaths(
  directory: StoreDirectory,
  derivation: Derivation,
  hashes: HashesModulo,
): Derivation {
  const { hash, deferred } = hashes.masked(derivation);
  const environment = new Map(derivation.environment);
  const outputs = [...derivation.outputs.keys()].map((name): [string, DerivationOutput] => {
    const path = deferred ? null : makeOutputPath(directory, hash, derivation.name, name);
    environment.set(fromUtf8(name), fromUtf8(path === null ? '' : printStorePath(directory, path)));
    return [name, path === null ? { type: 'deferred' } : { type: 'input-addressed', path }];
  });
  return { ...derivation, outputs: new Map(outputs), environment };
}
