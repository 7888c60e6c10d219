import { NixFormatError } from '../format-error.ts';
import {
  derivationPath,
  isDerivationPath,
  parseStorePath,
  printStorePath,
} from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';
import { DaemonError } from './daemon-error.ts';
import { since, speaks } from './protocol.ts';
import type { Protocol } from './protocol.ts';
import { unit } from './wire/layout.ts';
import type { Layout } from './wire/layout.ts';

/** Something to have: a path as it is, or outputs of a derivation. */
export type DerivedPath =
  | { readonly type: 'path'; readonly path: StorePath }
  | {
      readonly type: 'outputs';
      readonly derivation: DerivationPath;
      /**
       * Outputs on the way: where the first of them, once built, is itself a derivation, the next one is an
       * output of that, and so on. Daemons since 2.34 can build those.
       */
      readonly through?: readonly string[];
      readonly outputs: 'all' | readonly string[];
    };

/**
 * As a daemon understands it: `/nix/store/…-x.drv!out,dev`.
 * @throws DaemonError (`unsupported`) for what an old protocol cannot express
 */
export function printDerivedPath(
  directory: StoreDirectory,
  protocol: Protocol,
  target: DerivedPath,
): string {
  const old = !speaks(protocol, since.derivedPaths);
  if (target.type === 'path') {
    // Old daemons take it for all outputs of the derivation.
    if (old && isDerivationPath(target.path))
      throw new DaemonError('unsupported', 'This daemon cannot be asked for a derivation itself');
    return printStorePath(directory, target.path);
  }
  const through = target.through ?? [];
  if (old && through.length > 0)
    throw new DaemonError('unsupported', 'This daemon knows no outputs that are derivations');
  const derivation = [printStorePath(directory, target.derivation), ...through].join('!');
  if (target.outputs === 'all') return old ? derivation : `${derivation}!*`;
  return `${derivation}!${target.outputs.join(',')}`;
}

/** @throws NixFormatError */
export function parseDerivedPath(
  directory: StoreDirectory,
  protocol: Protocol,
  text: string,
): DerivedPath {
  const [first = '', ...rest] = text.split('!');
  const path = parseStorePath(directory, first);
  const outputs = rest.pop();
  if (outputs === undefined) {
    const old = !speaks(protocol, since.derivedPaths);
    return old && isDerivationPath(path)
      ? { type: 'outputs', derivation: path, outputs: 'all' }
      : { type: 'path', path };
  }
  if (outputs === '') throw new NixFormatError(`'${text}' does not say which outputs`);
  return {
    type: 'outputs',
    derivation: derivationPath(path),
    ...(rest.length > 0 ? { through: rest } : {}),
    outputs: outputs === '*' ? 'all' : outputs.split(','),
  };
}

/** A derived path as a text. */
export const derivedPath: Layout<DerivedPath> = unit(
  (writer, value, protocol) => writer.text(printDerivedPath(writer.directory, protocol, value)),
  (cursor, protocol) => cursor.parsed((text) => parseDerivedPath(cursor.directory, protocol, text)),
);
