import { toUtf8 } from '../byte-string.ts';
import { parseHash } from '../hash/hash.ts';
import { JsonReader } from '../json/json-reader.ts';
import { parseJson } from '../json/parse-json.ts';
import { readSignatures } from '../signature/signature-json.ts';
import { parseContentAddress, parseContentAddressMethod } from '../store-path/content-address.ts';
import type { ContentAddress } from '../store-path/content-address.ts';
import { parseAnyStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory, StorePath } from '../store-path/store-path.ts';
import type { PathInfo } from './path-info.ts';

/**
 * Reads what `nix path-info --json` prints, in any format. What it says beyond path infos, such as closure sizes, is
 * left out.
 * @returns null for paths that are not valid
 * @throws NixFormatError that names field and byte
 */
export function parsePathInfosJson(
  directory: StoreDirectory,
  json: Uint8Array,
): Map<StorePath, PathInfo | null> {
  const root = new JsonReader(parseJson(json));
  const infos = new Map<StorePath, PathInfo | null>();
  if (root.isArray) {
    for (const item of root.items()) {
      const path = parsePathOf(directory, item.member('path'));
      const valid = item.optional('valid')?.boolean() ?? true;
      infos.set(path, valid ? parseInfo(directory, path, item) : null);
    }
    return infos;
  }
  for (const [key, reader] of (root.optional('info') ?? root).entries()) {
    const path = reader.within(() => parseAnyStorePath(directory, toUtf8(key)));
    infos.set(path, reader.isNull ? null : parseInfo(directory, path, reader));
  }
  return infos;
}

function parseInfo(directory: StoreDirectory, path: StorePath, reader: JsonReader): PathInfo {
  const deriver = reader.optional('deriver');
  const address = reader.optional('ca');
  return {
    path,
    deriver: deriver && parsePathOf(directory, deriver),
    narHash: reader.member('narHash').parse((text) => parseHash(text)),
    narSize: reader.member('narSize').count(),
    references: reader
      .member('references')
      .items()
      .map((item) => parsePathOf(directory, item)),
    registrationTime: reader.optional('registrationTime')?.count() ?? 0,
    ultimate: reader.optional('ultimate')?.boolean() ?? false,
    signatures: readSignatures(reader),
    contentAddress: address && parseAddress(address),
  };
}

function parseAddress(reader: JsonReader): ContentAddress {
  if (!reader.isObject) return reader.parse(parseContentAddress);
  const hash = reader.member('hash').parse((text) => parseHash(text));
  return { method: reader.member('method').parse(parseContentAddressMethod), hash };
}

function parsePathOf(directory: StoreDirectory, reader: JsonReader): StorePath {
  return reader.parse((text) => parseAnyStorePath(directory, text));
}
