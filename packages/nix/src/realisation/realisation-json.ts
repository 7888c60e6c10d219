import { fromUtf8, toUtf8 } from '../byte-string.ts';
import { JsonReader } from '../json/json-reader.ts';
import { jsonObject } from '../json/json-value.ts';
import type { JsonValue } from '../json/json-value.ts';
import { parseJson } from '../json/parse-json.ts';
import { printJson } from '../json/print-json.ts';
import { derivationPath, parseBaseName } from '../store-path/store-path.ts';
import type { StorePath } from '../store-path/store-path.ts';
import { describeSignatures, readSignatures } from '../signature/signature-json.ts';
import { parseOutputId, printOutputId } from './output-key.ts';
import type { OutputKey, SignedRealisation } from './realisation.ts';

/** What a binary cache holds for this realisation, byte for byte as Nix writes it. */
export function printRealisationJson(realisation: SignedRealisation): Buffer {
  const { key, path, signatures } = realisation;
  const json =
    key.type === 'derivation-path'
      ? { outPath: fromUtf8(path), signatures: describeSignatures(signatures, 'structured') }
      : { ...unsigned(key, realisation), signatures: describeSignatures(signatures, 'text') };
  return printJson(jsonObject(json), 'sorted', 'compact');
}

/** What its signatures cover: its key and path, and in the older form what it depends on. */
export function realisationFingerprint(realisation: SignedRealisation): Buffer {
  const { key, path } = realisation;
  if (key.type === 'derivation-hash')
    return printJson(jsonObject(unsigned(key, realisation)), 'sorted', 'compact');
  const named = { drvPath: fromUtf8(key.derivation), outputName: fromUtf8(key.output) };
  const covered = { key: jsonObject(named), value: jsonObject({ outPath: fromUtf8(path) }) };
  return printJson(jsonObject(covered), 'sorted', 'compact');
}

/**
 * Reads the file of a binary cache that holds the realisation of an output, in either form, and in Hydra's, which
 * has the key and the value in one object.
 * @param key as the file's name tells it; where the file tells it too, both must agree
 * @throws NixFormatError that names field and byte
 */
export function parseRealisationJson(key: OutputKey, json: Uint8Array): SignedRealisation {
  const root = new JsonReader(parseJson(json));
  if (key.type === 'derivation-hash') checkId(key, root.member('id'));
  const framed = root.optional('key');
  if (framed !== null) checkPathKey(key, framed);
  const value = framed === null ? root : root.member('value');
  return {
    key,
    path: value.member('outPath').parse(parseBaseName),
    signatures: readSignatures(value),
    dependencies: dependenciesOf(value),
  };
}

function unsigned(
  { hash, output }: OutputKey & { readonly type: 'derivation-hash' },
  { path, dependencies }: SignedRealisation,
): Readonly<Record<string, JsonValue>> {
  const needed = [...dependencies].map(([id, known]) => [fromUtf8(id), fromUtf8(known)] as const);
  return {
    dependentRealisations: new Map(needed),
    id: fromUtf8(printOutputId(hash, output)),
    outPath: fromUtf8(path),
  };
}

function checkId(key: OutputKey & { readonly type: 'derivation-hash' }, reader: JsonReader): void {
  const { hash, output } = reader.parse(parseOutputId);
  if (printOutputId(hash, output) !== printOutputId(key.hash, key.output))
    reader.fail(`this is not the realisation of ${printOutputId(key.hash, key.output)}`);
}

function checkPathKey(key: OutputKey, reader: JsonReader): void {
  const derivation = reader.member('drvPath').parse(derivationPath);
  const output = reader.member('outputName').text();
  if (key.type !== 'derivation-path' || key.derivation !== derivation || key.output !== output)
    reader.fail(`this is the realisation of ${derivation}^${output}, not of what was asked for`);
}

function dependenciesOf(value: JsonReader): Map<string, StorePath> {
  const entries = value.optional('dependentRealisations')?.entries() ?? [];
  return new Map(
    entries.map(([id, reader]) => {
      const text = toUtf8(id);
      reader.within(() => parseOutputId(text));
      return [text, reader.parse(parseBaseName)] as const;
    }),
  );
}
