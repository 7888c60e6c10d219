import { fromUtf8 } from '../byte-string.ts';
import type { ByteString } from '../byte-string.ts';
import { printHash } from '../hash/hash.ts';
import { jsonObject } from '../json/json-value.ts';
import type { JsonValue } from '../json/json-value.ts';
import { printJson } from '../json/print-json.ts';
import { describeSignatures } from '../signature/signature-json.ts';
import { sortedEntries } from '../sorted-entries.ts';
import { printContentAddress } from '../store-path/content-address.ts';
import type { ContentAddress } from '../store-path/content-address.ts';
import { printStorePath } from '../store-path/store-path.ts';
import type { StoreDirectory, StorePath } from '../store-path/store-path.ts';
import type { PathInfo } from './path-info.ts';

/**
 * The JSON of path infos: `2.8` a list, as Nix printed it then; `2.19` an object by path, as from then on; 1, 2 and 3
 * what `--json-format` names since 2.33. 1 adds the format's number, 2 has base names and structured
 * content addresses, 3 structured signatures.
 */
export type PathInfoJsonFormat = '2.8' | '2.19' | 1 | 2 | 3;

/** What else is told of paths. */
export type PathInfoJsonOptions = {
  /** Bytes of the archives of all that a path needs, itself included, where wanted. */
  readonly closureSizes?: ReadonlyMap<StorePath, number>;
};

/**
 * What `nix path-info --json` prints, without a newline at the end.
 * @param infos null for paths that are not valid
 */
export function printPathInfosJson(
  directory: StoreDirectory,
  infos: ReadonlyMap<StorePath, PathInfo | null>,
  format: PathInfoJsonFormat,
  { closureSizes }: PathInfoJsonOptions = {},
): Buffer {
  const entries = sortedEntries(infos);
  const pathOf = pathPrinter(directory, format);
  if (format === '2.8') {
    const list = entries.map(([path, info]) =>
      info === null
        ? jsonObject({ path: pathOf(path), valid: false })
        : oldInfo(info, pathOf, closureSizes?.get(path)),
    );
    return printJson(list, 'as-given', 'compact');
  }
  const frame = frameOf(directory, format);
  const byPath = new Map(
    entries.map(([path, info]) => {
      const described = info && newInfo(info, pathOf, format, closureSizes?.get(path));
      return [pathOf(path), described && jsonObject({ ...described, ...frame })] as const;
    }),
  );
  const all = format === 2 || format === 3 ? jsonObject({ info: byPath, ...frame }) : byPath;
  return printJson(all, 'sorted', 'compact');
}

type PathPrinter = (path: StorePath) => ByteString;

function pathPrinter(directory: StoreDirectory, format: PathInfoJsonFormat): PathPrinter {
  const short = format === 2 || format === 3;
  return (path) => fromUtf8(short ? path : printStorePath(directory, path));
}

function frameOf(
  directory: StoreDirectory,
  format: PathInfoJsonFormat,
): Readonly<Record<string, JsonValue>> {
  if (typeof format === 'string') return {};
  return { storeDir: fromUtf8(directory), version: count(format) };
}

/** What is not known is left out. */
function oldInfo(info: PathInfo, pathOf: PathPrinter, closureSize: number | undefined): JsonValue {
  const { contentAddress, deriver, registrationTime, ultimate, signatures } = info;
  return jsonObject({
    path: pathOf(info.path),
    narHash: fromUtf8(printHash(info.narHash, 'sri')),
    narSize: count(info.narSize),
    references: info.references.toSorted().map((path) => pathOf(path)),
    ...(contentAddress && { ca: fromUtf8(printContentAddress(contentAddress)) }),
    ...(closureSize !== undefined && { closureSize: count(closureSize) }),
    ...(deriver && { deriver: pathOf(deriver) }),
    ...(registrationTime !== 0 && { registrationTime: count(registrationTime) }),
    ...(ultimate && { ultimate }),
    ...(signatures.length > 0 && { signatures: describeSignatures(signatures, 'text') }),
  });
}

/** What is not known is null. */
function newInfo(
  info: PathInfo,
  pathOf: PathPrinter,
  format: PathInfoJsonFormat,
  closureSize: number | undefined,
): Readonly<Record<string, JsonValue>> {
  const { contentAddress, deriver, registrationTime } = info;
  return {
    ca: contentAddress && printAddress(contentAddress, format),
    ...(closureSize !== undefined && { closureSize: count(closureSize) }),
    deriver: deriver && pathOf(deriver),
    narHash: fromUtf8(printHash(info.narHash, 'sri')),
    narSize: count(info.narSize),
    references: info.references.toSorted().map((path) => pathOf(path)),
    registrationTime: registrationTime === 0 ? null : count(registrationTime),
    signatures: describeSignatures(info.signatures, format === 3 ? 'structured' : 'text'),
    ultimate: info.ultimate,
  };
}

function printAddress(address: ContentAddress, format: PathInfoJsonFormat): JsonValue {
  if (format !== 2 && format !== 3) return fromUtf8(printContentAddress(address));
  const hash = fromUtf8(printHash(address.hash, 'sri'));
  return jsonObject({ hash, method: fromUtf8(address.method) });
}

function count(value: number): JsonValue {
  return { number: String(value) };
}
