import type { ByteString } from '../byte-string.ts';
import { printStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import type { Derivation, DerivationOutput, WantedOutputs } from './derivation.ts';
import { printOutputFields } from './output-fields.ts';

/**
 * The text of the `.drv` file, byte for byte as Nix writes it: everything sorted but the arguments,
 * and in the form for dynamic derivations only if an input needs that.
 */
export function printDerivation(directory: StoreDirectory, derivation: Derivation): Buffer {
  const dynamic = [...derivation.inputDerivations.values()].some(
    (wanted) => wanted.dynamic.size > 0,
  );
  const fields = [
    list(sortedEntries(derivation.outputs).map((entry) => printOutput(directory, ...entry))),
    list(
      sortedEntries(derivation.inputDerivations).map(
        ([path, wanted]) => `("${printStorePath(directory, path)}",${printWanted(wanted)})`,
      ),
    ),
    list(sorted(derivation.inputSources).map((path) => `"${printStorePath(directory, path)}"`)),
    quoteString(derivation.system),
    quoteString(derivation.builder),
    list(derivation.arguments.map((argument) => quoteString(argument))),
    list(sortedEntries(derivation.environment).map((entry) => printVariable(...entry))),
  ].join(',');
  const text = dynamic ? `DrvWithVersion("xp-dyn-drv",${fields})` : `Derive(${fields})`;
  return Buffer.from(text, 'latin1');
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

function sortedEntries<Key extends string, Value>(map: ReadonlyMap<Key, Value>): [Key, Value][] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}
