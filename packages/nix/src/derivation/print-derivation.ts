import { fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { sortedEntries } from '../sorted-entries.ts';
import { printStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import type { Derivation, DerivationOutput, WantedOutputs } from './derivation.ts';
import { printOutputFields } from './output-fields.ts';

/** An input as it is written into a term: what names it, and what is wanted of it. */
export type TermInput = readonly [name: string, wanted: WantedOutputs];

/**
 * The text of the `.drv` file, byte for byte as Nix writes it: everything sorted but the arguments,
 * and in the form for dynamic derivations only if an input needs that.
 */
export function printDerivation(directory: StoreDirectory, derivation: Derivation): Buffer {
  const inputs = [...derivation.inputDerivations].map(([path, wanted]): TermInput => [
    printStorePath(directory, path),
    wanted,
  ]);
  return printTerm(directory, derivation, inputs);
}

/** The same text with other names for its inputs. */
export function printTerm(
  directory: StoreDirectory,
  derivation: Derivation,
  inputs: readonly TermInput[],
): Buffer {
  const fields = [
    list(sortedEntries(derivation.outputs).map((entry) => printOutput(directory, ...entry))),
    list(
      sortedEntries(new Map(inputs)).map(([name, wanted]) => `("${name}",${printWanted(wanted)})`),
    ),
    list(sorted(derivation.inputSources).map((path) => `"${printStorePath(directory, path)}"`)),
    quoteString(derivation.system),
    quoteString(derivation.builder),
    list(derivation.arguments.map((argument) => quoteString(argument))),
    list(sortedEntries(derivation.environment).map((entry) => printVariable(...entry))),
  ].join(',');
  const text = isDynamic(derivation)
    ? `DrvWithVersion("xp-dyn-drv",${fields})`
    : `Derive(${fields})`;
  return Buffer.from(text, 'latin1');
}

/** The same text without the paths of its outputs and without what their variables say. */
export function printMaskedTerm(
  directory: StoreDirectory,
  derivation: Derivation,
  inputs: readonly TermInput[],
): Buffer {
  const outputs = [...derivation.outputs].map(
    ([name, output]) => [name, output.type === 'input-addressed' ? deferred : output] as const,
  );
  const environment = new Map(derivation.environment);
  for (const [name] of outputs) {
    const variable = fromUtf8(name);
    if (environment.has(variable)) environment.set(variable, fromUtf8(''));
  }
  const masked = { ...derivation, outputs: new Map(outputs), environment };
  return printTerm(directory, masked, inputs);
}

/** Written like an output without a path. */
const deferred: DerivationOutput = { type: 'deferred' };

function isDynamic(derivation: Derivation): boolean {
  return derivation.inputDerivations.values().some((wanted) => wanted.dynamic.size > 0);
}

function printOutput(directory: StoreDirectory, name: string, output: DerivationOutput): string {
  const { path, hashAlgorithm, hash } = printOutputFields(directory, output);
  return `("${name}","${path}","${hashAlgorithm}","${hash}")`;
}

function printWanted({ outputs, dynamic }: WantedOutputs): string {
  const direct = list(sorted(outputs).map((output) => `"${output}"`));
  if (dynamic.size === 0) return direct;
  const ofOutputs = sortedEntries(dynamic).map(
    ([output, wanted]) => `("${output}",${printWanted(wanted)})`,
  );
  return `(${direct},${list(ofOutputs)})`;
}

function printVariable(name: ByteString, value: ByteString): string {
  return `(${quoteString(name)},${quoteString(value)})`;
}

const special = /["\\\n\r\t]/g;
const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quoteString(bytes: ByteString): string {
  return `"${bytes.replaceAll(special, (character) => escapes[character] ?? character)}"`;
}

function list(items: readonly string[]): string {
  return `[${items.join(',')}]`;
}

/** Characters are bytes here, so the order of strings is the order of bytes. */
function sorted<T extends string>(items: readonly T[]): T[] {
  return [...new Set(items)].sort();
}
