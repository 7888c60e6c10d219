import { fromBytes, fromUtf8, toUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { parseHash } from '../hash/hash.ts';
import { JsonReader } from '../json/json-reader.ts';
import { parseJson } from '../json/parse-json.ts';
import { printJson } from '../json/print-json.ts';
import { parseContentAddressMethod } from '../store-path/content-address.ts';
import { makeFixedOutputPath } from '../store-path/make-path.ts';
import {
  checkStorePathName,
  derivationName,
  derivationPath,
  parseAnyStorePath,
} from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';
import { checkOutputKinds } from './check-outputs.ts';
import type { Derivation, DerivationOutput, WantedOutputs } from './derivation.ts';
import { parseMethodAndAlgorithm } from './output-fields.ts';
import { outputPathName } from './output-path.ts';

/** Versions of the format that say so; older ones do not. */
const namedVersions = [3, 4];

/**
 * Reads what `nix derivation show` prints, of any version since 2.8. Structured attributes become the
 * text that Nix makes of them; where it was written otherwise by hand, that is lost in the JSON.
 * @throws NixFormatError that names field and byte
 */
export function parseDerivationsJson(
  directory: StoreDirectory,
  json: Uint8Array,
): Map<DerivationPath, Derivation> {
  const root = new JsonReader(parseJson(json));
  const framed = root.optional('derivations');
  if (framed !== null) {
    root.refuseOthers(['derivations', 'version']);
    checkVersion(root.member('version'));
  }
  return new Map(
    (framed ?? root).entries().map(([key, reader]) => {
      const path = reader.within(() => derivationPath(parseAnyStorePath(directory, toUtf8(key))));
      return [path, parseOne(directory, derivationName(path), reader)] as const;
    }),
  );
}

function parseOne(directory: StoreDirectory, name: string, reader: JsonReader): Derivation {
  reader.refuseOthers([
    'name',
    'version',
    'outputs',
    'inputs',
    'inputSrcs',
    'inputDrvs',
    'system',
    'builder',
    'args',
    'env',
    'structuredAttrs',
  ]);
  const version = reader.optional('version');
  if (version !== null) checkVersion(version);
  const stated = reader.optional('name');
  if (stated !== null && stated.text() !== name) stated.fail(`its path says '${name}'`);
  const inputs = reader.optional('inputs');
  inputs?.refuseOthers(['srcs', 'drvs']);
  const sources = inputs?.member('srcs') ?? reader.member('inputSrcs');
  const derivations = inputs?.member('drvs') ?? reader.member('inputDrvs');
  return {
    name,
    outputs: parseOutputs(directory, name, reader.member('outputs')),
    inputDerivations: new Map(
      derivations.entries().map(([key, wanted]) => {
        const path = wanted.within(() => derivationPath(parseAnyStorePath(directory, toUtf8(key))));
        return [path, parseWanted(wanted)] as const;
      }),
    ),
    inputSources: sources.items().map((item) => parsePathOf(directory, item)),
    system: reader.member('system').bytes(),
    builder: reader.member('builder').bytes(),
    arguments: reader
      .member('args')
      .items()
      .map((item) => item.bytes()),
    environment: parseEnvironment(reader),
  };
}

function checkVersion(version: JsonReader): void {
  if (!namedVersions.includes(version.count()))
    version.fail(`derivations are read in the versions ${namedVersions.join(' and ')}`);
}

function parseOutputs(
  directory: StoreDirectory,
  name: string,
  reader: JsonReader,
): Map<string, DerivationOutput> {
  const outputs = new Map(
    reader.entries().map(([key, output]) => {
      const outputName = toUtf8(key);
      output.within(() => checkStorePathName(outputName));
      return [
        outputName,
        parseOutput(directory, outputPathName(name, outputName), output),
      ] as const;
    }),
  );
  const wrong = checkOutputKinds(outputs);
  return wrong === null ? outputs : reader.fail(wrong);
}

function parseOutput(
  directory: StoreDirectory,
  pathName: string,
  reader: JsonReader,
): DerivationOutput {
  reader.refuseOthers(['path', 'method', 'hashAlgo', 'hash', 'impure']);
  const stated = reader.optional('path');
  const path = stated === null ? null : parsePathOf(directory, stated);
  const algorithmReader = reader.optional('hashAlgo');
  const hashReader = reader.optional('hash');
  if (algorithmReader === null && hashReader === null)
    return path === null ? { type: 'deferred' } : { type: 'input-addressed', path };
  const prefixed = algorithmReader?.parse(parseMethodAndAlgorithm);
  const method =
    reader.optional('method')?.parse(parseContentAddressMethod) ?? prefixed?.method ?? 'flat';
  if (hashReader !== null) {
    const hash = hashReader.parse((text) => parseHash(text, prefixed?.algorithm));
    const contentAddress = { method, hash };
    const made = () => makeFixedOutputPath(directory, pathName, contentAddress);
    return { type: 'fixed', contentAddress, path: path ?? reader.within(made) };
  }
  if (path !== null) reader.fail('an output with a path and an algorithm has a hash, too');
  const algorithm = prefixed?.algorithm ?? reader.fail("there should be a member 'hashAlgo'");
  const impure = reader.optional('impure')?.boolean() ?? false;
  return { type: impure ? 'impure' : 'floating', method, algorithm };
}

function parseWanted(reader: JsonReader): WantedOutputs {
  if (reader.isArray) return { outputs: parseOutputNames(reader), dynamic: new Map() };
  reader.refuseOthers(['outputs', 'dynamicOutputs']);
  const dynamic = reader.optional('dynamicOutputs')?.entries() ?? [];
  return {
    outputs: parseOutputNames(reader.member('outputs')),
    dynamic: new Map(
      dynamic.map(([key, wanted]) => {
        const name = toUtf8(key);
        wanted.within(() => checkStorePathName(name));
        return [name, parseWanted(wanted)] as const;
      }),
    ),
  };
}

function parseOutputNames(reader: JsonReader): string[] {
  return reader.items().map((item) =>
    item.parse((name) => {
      checkStorePathName(name);
      return name;
    }),
  );
}

function parseEnvironment(reader: JsonReader): Map<ByteString, ByteString> {
  const environment = new Map(
    reader
      .member('env')
      .entries()
      .map(([name, value]) => [name, value.bytes()] as const),
  );
  const structured = reader.optional('structuredAttrs');
  const variable = fromUtf8('__json');
  // 2.30 and 2.31 say it twice; the text is what counts.
  if (structured === null || environment.has(variable)) return environment;
  const text = structured.within(() => printJson(structured.value(), 'sorted', 'compact'));
  return environment.set(variable, fromBytes(text));
}

function parsePathOf(directory: StoreDirectory, reader: JsonReader): StorePath {
  return reader.parse((text) => parseAnyStorePath(directory, text));
}
