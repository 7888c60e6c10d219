import { JsonReader } from '../json/json-reader.ts';
import { parseJson } from '../json/parse-json.ts';
import type { Hash } from '../hash/hash.ts';
import { parseOutputId, printOutputId } from '../realisation/output-key.ts';
import { readSignatures } from '../signature/signature-json.ts';
import { parseBaseName } from '../store-path/store-path.ts';
import type { DerivationPath, StorePath } from '../store-path/store-path.ts';
import { DaemonError } from './daemon-error.ts';

/** What an output of a derivation turned out to be. */
export type Realisation = {
  readonly path: StorePath;
  /** `<key name>:<base64>` each. */
  readonly signatures: readonly string[];
};

/**
 * Names an output whose path only a build can tell. Daemons up to Nix 2.34 know it by the hash of its
 * derivation, later ones by the path of it; give both where you have them.
 */
export type RealisationKey = {
  readonly derivation: DerivationPath | null;
  /** The SHA-256 hash modulo of the derivation, without its output paths. */
  readonly derivationHash: Hash | null;
  readonly output: string;
};

/**
 * The output's id, as daemons up to 2.34 want it.
 * @throws DaemonError (`unsupported`) where the hash is not given
 */
export function printRealisationId({ derivationHash, output }: RealisationKey): string {
  if (derivationHash === null)
    throw new DaemonError(
      'unsupported',
      'This daemon knows realisations by the hash of their derivation, which is not given',
    );
  return printOutputId(derivationHash, output);
}

/** @throws NixFormatError */
export function parseRealisationId(id: string): RealisationKey {
  const { hash, output } = parseOutputId(id);
  return { derivation: null, derivationHash: hash, output };
}

/** For realisations whose derivation nobody tells; daemons since 2.35 write zeros, too. */
export const unknownId = `sha256:${'0'.repeat(64)}!out`;

/** A realisation as the JSON that daemons up to 2.34 speak. */
export function printRealisation(id: string, { path, signatures }: Realisation): string {
  return JSON.stringify({ dependentRealisations: {}, id, outPath: path, signatures });
}

/**
 * Reads that JSON. The hash in its id means something else in every version of Nix.
 * @throws NixFormatError
 */
export function parseRealisation(json: string): { id: string; realisation: Realisation } {
  const reader = new JsonReader(parseJson(Buffer.from(json)));
  const path = reader.member('outPath').parse(parseBaseName);
  return {
    id: reader.member('id').text(),
    realisation: { path, signatures: readSignatures(reader) },
  };
}
