import { NixFormatError, quote, readAt } from '../format-error.ts';
import { parseHash, printHash } from '../hash/hash.ts';
import type { Hash } from '../hash/hash.ts';
import { checkStorePathName, derivationPath } from '../store-path/store-path.ts';
import type { OutputKey } from './realisation.ts';

const hashFolder = 'realisations/';
const pathFolder = 'build-trace-v2/';
const suffix = '.doi';

/** `sha256:<hex>!<output>`, by which Nix knew an output up to 2.34. */
export function printOutputId(hash: Hash, output: string): string {
  return `${hash.algorithm}:${printHash(hash, 'base16')}!${output}`;
}

/** @throws NixFormatError */
export function parseOutputId(id: string): OutputKey & { readonly type: 'derivation-hash' } {
  const mark = id.indexOf('!');
  if (mark === -1)
    throw new NixFormatError(`${quote(id)} is no id, such as sha256:<hex>!out`, { offset: 0 });
  const hash = parseHash(id.slice(0, mark), 'sha256');
  return { type: 'derivation-hash', hash, output: parseOutput(id, mark + 1) };
}

/** Where in a binary cache the realisation of an output is. */
export function realisationFile(key: OutputKey): string {
  return key.type === 'derivation-hash'
    ? `${hashFolder}${printOutputId(key.hash, key.output)}${suffix}`
    : `${pathFolder}${key.derivation}/${key.output}${suffix}`;
}

/**
 * The output whose realisation is in this file of a cache. Hydra's `realisations/X.drv^out.doi` is read, too.
 * @throws NixFormatError
 */
export function parseRealisationFile(file: string): OutputKey {
  const wrong = `${quote(file)} is no realisation, such as ${pathFolder}<derivation>/out${suffix}`;
  if (!file.endsWith(suffix)) throw new NixFormatError(wrong, { offset: file.length });
  const name = file.slice(0, -suffix.length);
  if (name.startsWith(pathFolder)) return keyOf(name, pathFolder.length, '/');
  if (!name.startsWith(hashFolder)) throw new NixFormatError(wrong, { offset: 0 });
  if (name.includes('^')) return keyOf(name, hashFolder.length, '^');
  const place = { offset: hashFolder.length, field: 'id' };
  return readAt(place, () => parseOutputId(name.slice(hashFolder.length)));
}

function keyOf(name: string, start: number, separator: string): OutputKey {
  const end = name.lastIndexOf(separator);
  const place = { offset: start, field: 'derivation' };
  const derivation = readAt(place, () => derivationPath(name.slice(start, Math.max(end, start))));
  return { type: 'derivation-path', derivation, output: parseOutput(name, end + 1) };
}

function parseOutput(text: string, offset: number): string {
  const output = text.slice(offset);
  readAt({ offset, field: 'output' }, () => checkStorePathName(output));
  return output;
}
