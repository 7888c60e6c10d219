import type { Protocol } from '../protocol.ts';
import type { WireReader } from '../wire/reader.ts';
import type { WireWriter } from '../wire/writer.ts';

/** One question to the daemon: how it is put, and how its answer is read. */
export type Operation<Answer> = {
  readonly write: (request: WireWriter, protocol: Protocol) => void;
  readonly read: (reply: WireReader, protocol: Protocol) => Promise<Answer>;
};

/** The numbers that requests begin with. */
export const operationNumber = {
  isValidPath: 1,
  addToStore: 7,
  addTextToStore: 8,
  ensurePath: 10,
  addTempRoot: 11,
  addIndirectRoot: 12,
  setOptions: 19,
  queryPathInfo: 26,
  queryValidPaths: 31,
  buildDerivation: 36,
  narFromPath: 38,
  addToStoreNar: 39,
  queryMissing: 40,
} as const;

/** For answers that only say that it is done. */
export async function readAcknowledgement(reply: WireReader): Promise<void> {
  await reply.read((cursor) => cursor.int());
}

/** For operations after which nothing but the end of the messages comes. */
export async function readNothing(): Promise<void> {}
