import { fromUtf8, toBytes } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { printHash } from '../hash/hash.ts';
import { jsonObject, valueOf } from '../json/json-value.ts';
import type { JsonValue } from '../json/json-value.ts';
import { parseJson } from '../json/parse-json.ts';
import { printJson } from '../json/print-json.ts';
import type { JsonLayout } from '../json/print-json.ts';
import { sortedEntries } from '../sorted-entries.ts';
import { printStorePath } from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';
import type { Derivation, DerivationOutput, WantedOutputs } from './derivation.ts';
import { isBefore } from './json-format.ts';
import type { DerivationJsonFormat } from './json-format.ts';
import { printOutputFields } from './output-fields.ts';

const attributesVariable = fromUtf8('__json');

/**
 * What `nix derivation show` prints of these derivations, without the newline at the end. Up to 2.28
 * Nix lays it out in lines; later on a single one, unless on a terminal.
 * @throws NixFormatError for texts that are not UTF-8, but for the format `2.8`
 */
export function printDerivationsJson(
  directory: StoreDirectory,
  derivations: ReadonlyMap<DerivationPath, Derivation>,
  format: DerivationJsonFormat,
  layout: JsonLayout = 'pretty',
): Buffer {
  const printer = new DerivationJsonPrinter(directory, format);
  const entries = sortedEntries(derivations).map(
    ([path, derivation]) => [printer.path(path), printer.derivation(derivation)] as const,
  );
  const all = format === '2.33' ? framed(new Map(entries)) : new Map(entries);
  return printJson(all, format === '2.8' ? 'as-given' : 'sorted', layout);
}

function framed(derivations: JsonValue): JsonValue {
  return jsonObject({ derivations, version: { number: '4' } });
}

class DerivationJsonPrinter {
  readonly #directory: StoreDirectory;
  readonly #format: DerivationJsonFormat;

  constructor(directory: StoreDirectory, format: DerivationJsonFormat) {
    this.#directory = directory;
    this.#format = format;
  }

  path(path: StorePath): ByteString {
    return fromUtf8(this.#isBefore('2.32') ? printStorePath(this.#directory, path) : path);
  }

  /** Members in the order of 2.8; later ones are sorted anyway. */
  derivation(derivation: Derivation): JsonValue {
    const sources = derivation.inputSources.toSorted().map((path) => this.path(path));
    const inputs = this.#inputs(derivation);
    const nested = this.#format === '2.33';
    return jsonObject({
      outputs: new Map(
        sortedEntries(derivation.outputs).map(
          ([name, output]) => [fromUtf8(name), this.#output(output)] as const,
        ),
      ),
      ...(nested
        ? { inputs: jsonObject({ srcs: sources, drvs: inputs }) }
        : { inputSrcs: sources, inputDrvs: inputs }),
      system: derivation.system,
      builder: derivation.builder,
      args: [...derivation.arguments],
      ...this.#environment(derivation),
      ...(this.#isBefore('2.18') ? {} : { name: fromUtf8(derivation.name) }),
      ...(this.#isBefore('2.32') ? {} : { version: { number: nested ? '4' : '3' } }),
    });
  }

  #inputs(derivation: Derivation): JsonValue {
    return new Map(
      sortedEntries(derivation.inputDerivations).map(
        ([path, wanted]) => [this.path(path), this.#wanted(wanted)] as const,
      ),
    );
  }

  #wanted({ outputs, dynamic }: WantedOutputs): JsonValue {
    const names = outputs.toSorted().map((name) => fromUtf8(name));
    if (this.#isBefore('2.18')) return names;
    const ofOutputs = [...dynamic].map(
      ([name, wanted]) => [fromUtf8(name), this.#wanted(wanted)] as const,
    );
    return jsonObject({ outputs: names, dynamicOutputs: new Map(ofOutputs) });
  }

  #output(output: DerivationOutput): JsonValue {
    if (output.type === 'deferred') return jsonObject({});
    if (output.type === 'input-addressed') return jsonObject({ path: this.path(output.path) });
    if (output.type === 'fixed' && this.#format === '2.33') {
      const { method, hash } = output.contentAddress;
      return jsonObject({ method: fromUtf8(method), hash: fromUtf8(printHash(hash, 'sri')) });
    }
    return jsonObject({
      // From 2.32 on Nix does not know the store directory here, so it leaves out what follows from the hash.
      ...(output.type === 'fixed' && this.#isBefore('2.32')
        ? { path: this.path(output.path) }
        : {}),
      ...this.#method(output),
      ...(output.type === 'fixed'
        ? { hash: fromUtf8(printHash(output.contentAddress.hash, 'base16')) }
        : {}),
      ...(output.type === 'impure' ? { impure: true } : {}),
    });
  }

  #method(output: DerivationOutput): Readonly<Record<string, JsonValue>> {
    const { hashAlgorithm } = printOutputFields(this.#directory, output);
    if (this.#isBefore('2.24')) return { hashAlgo: fromUtf8(hashAlgorithm) };
    const method = output.type === 'fixed' ? output.contentAddress.method : methodOf(output);
    const [algorithm = ''] = hashAlgorithm.split(':').slice(-1);
    return { method: fromUtf8(method), hashAlgo: fromUtf8(algorithm) };
  }

  #environment({ environment }: Derivation): Readonly<Record<string, JsonValue>> {
    const attributes = environment.get(attributesVariable);
    const structured = attributes !== undefined && !this.#isBefore('2.30');
    const hidden = structured && !this.#isBefore('2.32');
    const shown = sortedEntries(environment).filter(
      ([name]) => !hidden || name !== attributesVariable,
    );
    return {
      env: new Map(shown),
      ...(structured ? { structuredAttrs: valueOf(parseJson(toBytes(attributes))) } : {}),
    };
  }

  #isBefore(format: DerivationJsonFormat): boolean {
    return isBefore(this.#format, format);
  }
}

function methodOf(output: DerivationOutput): string {
  return output.type === 'floating' || output.type === 'impure' ? output.method : '';
}
