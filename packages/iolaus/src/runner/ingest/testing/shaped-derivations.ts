import { derivationPath, fromUtf8, parseBaseName } from '@iolaus/nix';
import type { Derivation, DerivationPath, StorePath } from '@iolaus/nix';
import { derivationFacts } from '../../store/derivation-facts.ts';
import type { Derivations } from '../../store/derivations.ts';

const digest = '0'.repeat(32);
export const drv = (name: string): DerivationPath => derivationPath(`${digest}-${name}.drv`);
export const out = (name: string): StorePath => parseBaseName(`${digest}-${name}`);
export const nameOf = (path: string): string => path.slice(33).replace(/\.drv$/, '');

/** Derivations with one output each, of which `shape` says what needs what. `read`: those that somebody has read. */
export function shapedDerivations(shape: Readonly<Record<string, readonly string[]>>): {
  readonly derivations: Derivations;
  readonly read: Set<string>;
} {
  const read = new Set<string>();
  const derivations: Derivations = {
    read: (path) => {
      const inputs = shape[nameOf(path)];
      if (inputs === undefined) throw new Error('no such file');
      read.add(nameOf(path));
      return derivation(nameOf(path), inputs);
    },
    facts: (path) => derivationFacts(path, derivations.read(path)),
    dropKept: () => {},
    outputs: (path) => new Map([['out', out(nameOf(path))]]),
    isNamed: () => true,
    resolve: () => {
      throw new Error('nobody resolves here');
    },
  };
  return { derivations, read };
}

function derivation(name: string, inputs: readonly string[]): Derivation {
  return {
    name,
    outputs: new Map([['out', { type: 'input-addressed', path: out(name) }]]),
    inputDerivations: new Map(
      inputs.map((input) => [drv(input), { outputs: ['out'], dynamic: new Map() }]),
    ),
    inputSources: [],
    system: fromUtf8('x86_64-linux'),
    builder: fromUtf8('/bin/sh'),
    arguments: [],
    environment: new Map(),
  };
}
