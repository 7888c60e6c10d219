import { parseHash } from '../../hash/hash.ts';
import type { PathInfo } from '../../path-info/path-info.ts';
import { parseContentAddress } from '../../store-path/content-address.ts';
import { isDerivationPath } from '../../store-path/store-path.ts';
import type { DerivationPath, StorePath } from '../../store-path/store-path.ts';
import { printDerivedPath } from '../derived-path.ts';
import type { DerivedPath } from '../derived-path.ts';
import { since, speaks } from '../protocol.ts';
import type { WireCursor } from '../wire/cursor.ts';
import { operationNumber } from './operation.ts';
import type { Operation } from './operation.ts';

/** What realising some paths would take. */
export type Missing = {
  readonly willBuild: readonly DerivationPath[];
  readonly willSubstitute: readonly StorePath[];
  /** Neither can be built nor substituted. */
  readonly unknown: readonly StorePath[];
  readonly downloadSizeInBytes: number;
  readonly narSizeInBytes: number;
};

export function isValidPath(path: StorePath): Operation<boolean> {
  return {
    write: (request) => request.int(operationNumber.isValidPath).path(path),
    read: (reply) => reply.read((cursor) => cursor.boolean()),
  };
}

export function queryValidPaths(
  paths: readonly StorePath[],
  substitute: boolean,
): Operation<StorePath[]> {
  return {
    write(request, protocol) {
      request.int(operationNumber.queryValidPaths).paths(paths);
      if (speaks(protocol, since.substituteValidPaths)) request.boolean(substitute);
    },
    read: (reply) => reply.readList((cursor) => cursor.path()),
  };
}

export function queryPathInfo(path: StorePath): Operation<PathInfo | null> {
  return {
    write: (request) => request.int(operationNumber.queryPathInfo).path(path),
    read: (reply) =>
      reply.read((cursor) => (cursor.boolean() ? parsePathInfo(cursor, path) : null)),
  };
}

/** A path info as it follows its path, or is asked for by it. */
export function parsePathInfo(cursor: WireCursor, path: StorePath): PathInfo {
  const deriver = cursor.optionalPath();
  const narHash = parseHash(cursor.text(), 'sha256');
  const references = cursor.list(() => cursor.path());
  const registrationTime = cursor.int();
  const narSize = cursor.int();
  const ultimate = cursor.boolean();
  const signatures = cursor.list(() => cursor.text());
  const address = cursor.text();
  return {
    path,
    deriver,
    narHash,
    narSize,
    references,
    registrationTime,
    ultimate,
    signatures,
    contentAddress: address === '' ? null : parseContentAddress(address),
  };
}

export function queryMissing(targets: readonly DerivedPath[]): Operation<Missing> {
  return {
    write: (request, protocol) =>
      request
        .int(operationNumber.queryMissing)
        .texts(targets.map((target) => printDerivedPath(request.directory, protocol, target))),
    async read(reply) {
      const willBuild = await reply.readList((cursor) => cursor.path());
      const willSubstitute = await reply.readList((cursor) => cursor.path());
      const unknown = await reply.readList((cursor) => cursor.path());
      const downloadSizeInBytes = await reply.read((cursor) => cursor.int());
      const narSizeInBytes = await reply.read((cursor) => cursor.int());
      return {
        willBuild: willBuild.filter((path) => isDerivationPath(path)),
        willSubstitute,
        unknown,
        downloadSizeInBytes,
        narSizeInBytes,
      };
    },
  };
}
