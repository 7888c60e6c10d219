import type { ByteString } from '../../byte-string.ts';
import { printHash } from '../../hash/hash.ts';
import type { PathInfo } from '../../path-info/path-info.ts';
import {
  printContentAddress,
  printContentAddressMethod,
} from '../../store-path/content-address.ts';
import type { StorePath } from '../../store-path/store-path.ts';
import type { WireCursor } from '../wire/cursor.ts';
import { operationNumber, readNothing } from './operation.ts';
import type { Operation } from './operation.ts';
import { parsePathInfo } from './queries.ts';

/** How an archive is to be imported. */
export type ImportOptions = {
  /** Replace the path even if it is valid. */
  readonly repair?: boolean;
  /** Insist on a signature by a trusted key. Only trusted users may do without, which is the default. */
  readonly checkSignatures?: boolean;
};

/** The request before the archive. */
export function addToStoreNar(info: PathInfo, options: ImportOptions): Operation<void> {
  return {
    write: (request) =>
      request
        .int(operationNumber.addToStoreNar)
        .path(info.path)
        .optionalPath(info.deriver)
        .text(printHash(info.narHash, 'base16'))
        .paths(info.references)
        .int(info.registrationTime)
        .int(info.narSize)
        .boolean(info.ultimate)
        .texts(info.signatures)
        .text(info.contentAddress === null ? '' : printContentAddress(info.contentAddress))
        .boolean(options.repair ?? false)
        .boolean(!(options.checkSignatures ?? false)),
    read: readNothing,
  };
}

/** The request before the text, which is framed. */
export function addToStore(name: string, references: readonly StorePath[]): Operation<StorePath> {
  return {
    write: (request) =>
      request
        .int(operationNumber.addToStore)
        .text(name)
        .text(printContentAddressMethod('text', 'sha256'))
        .paths(references)
        .boolean(false),
    read: (reply) =>
      reply.read((cursor: WireCursor) => {
        const path = cursor.path();
        return parsePathInfo(cursor, path).path;
      }),
  };
}

/** The request of old protocols, with the text inside. */
export function addTextToStore(
  name: string,
  text: ByteString,
  references: readonly StorePath[],
): Operation<StorePath> {
  return {
    write: (request) =>
      request.int(operationNumber.addTextToStore).text(name).string(text).paths(references),
    read: (reply) => reply.read((cursor) => cursor.path()),
  };
}
