import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DerivationPath } from '@iolaus/nix';
import type { BuildId } from '../../farm/identity.ts';
import { linkAs, compressFile, isSameFile, removeWhere, sizeOf } from './log-file-deeds.ts';
import type { DiskRoom } from './disk-room.ts';
import { sweepLogs } from './log-sweep.ts';

/** Whose log it is. */
export type LogName = {
  readonly derivation: DerivationPath;
  readonly build: BuildId;
  readonly stepNumber: number;
};

/** A log, or a part of it, on its way into its file. */
export type LogPart = {
  /** Bytes before it. */
  readonly offset: number;
  readonly data: AsyncIterable<Uint8Array>;
  /** Of the whole log. */
  readonly limitBytes: number;
  /** Asked while the disk is full: whether its sender still waits. */
  readonly isWanted: () => boolean;
};

/** The files of the logs, one an attempt. */
export type LogFiles = {
  /** How much of the log is there, in bytes, while it is not finished. */
  bytes(name: LogName): Promise<number>;
  /**
   * Writes from an offset on; what was behind it makes way. Resolves with false where the log is longer than it may be: the
   * file says so, and nothing more is read.
   */
  write(name: LogName, part: LogPart): Promise<boolean>;
  /** Nothing more will come: the log is compressed. Never rejects. */
  finish(name: LogName): Promise<void>;
  /** Finishes what an earlier runner could not, but for logs that still grow. */
  sweep(isLive: (name: LogName) => boolean, signal: AbortSignal): Promise<void>;
};

/**
 * Where the latest log of a derivation lies: `ab/cdef…-name.drv` below the log directory, with `.zst` behind it when it is
 * finished. Hydra's web pages look there (`build-logs` in its data directory).
 */
export function logFilePath(directory: string, derivation: DerivationPath): string {
  return join(directory, derivation.slice(0, 2), derivation.slice(2));
}

/** Where the log of one attempt lies: beside it, with build and step behind the name, and `.zst` when it is finished. */
export function attemptLogPath(directory: string, { derivation, build, stepNumber }: LogName) {
  return `${logFilePath(directory, derivation)}.${build}-${stepNumber}`;
}

/** The files below the log directory. The file of the latest attempt is also found under the derivation's own name. */
export function openLogFiles(directory: string, room: DiskRoom): LogFiles {
  let finishing = Promise.resolve();

  /** Cut at the offset, and the latest of its derivation. */
  const openAt = async (name: LogName, offset: number): Promise<FileHandle> => {
    const path = attemptLogPath(directory, name);
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, constants.O_RDWR | constants.O_CREAT);
    try {
      await file.truncate(offset);
      await linkAs(path, logFilePath(directory, name.derivation));
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  };

  const write = async (name: LogName, part: LogPart): Promise<boolean> => {
    const file = await room.awaitFor(() => openAt(name, part.offset), part.isWanted);
    if (file === null) return true;
    try {
      return await writeUpTo(file, part, room);
    } finally {
      await file.close();
    }
  };

  /** There are both forms for a moment, so that whoever looks finds one. A later attempt keeps the derivation's name. */
  const compress = async (name: LogName): Promise<void> => {
    const path = attemptLogPath(directory, name);
    if (sizeOf(path) === null) return;
    const latest = logFilePath(directory, name.derivation);
    await compressFile(path, `${path}.zst`);
    if (await isSameFile(latest, path)) await linkAs(`${path}.zst`, `${latest}.zst`);
    await removeWhere(latest, path);
  };

  // One after the other: nobody waits for it.
  const finish = (name: LogName): Promise<void> => {
    finishing = finishing.then(() => compress(name)).catch(() => {});
    return finishing;
  };

  return {
    bytes: async (name) => sizeOf(attemptLogPath(directory, name)) ?? 0,
    write,
    finish,
    sweep: (isLive, signal) => sweepLogs({ directory, finish, isLive, signal }),
  };
}

/** A sender that goes on for so long beyond the limit is refused. */
const excessBytesMax = 1024 * 1024;

/** Writes at positions, so that bytes of a stream that was given up cannot do harm. */
async function writeUpTo(
  file: FileHandle,
  { offset, data, limitBytes, isWanted }: LogPart,
  room: DiskRoom,
): Promise<boolean> {
  let position = offset;
  for await (const chunk of data) {
    const kept = chunk.subarray(0, Math.max(limitBytes - position, 0));
    const isCut = position <= limitBytes && position + chunk.length > limitBytes;
    let rest = isCut ? Buffer.concat([kept, cutLine(limitBytes)]) : kept;
    let end = position;
    // A disk that is all but full takes a part.
    while (rest.length > 0) {
      const written = await room.awaitFor(() => file.write(rest, 0, rest.length, end), isWanted);
      if (written === null) return true;
      rest = rest.subarray(written.bytesWritten);
      end += written.bytesWritten;
    }
    position += chunk.length;
    if (position > limitBytes + excessBytesMax) return false;
  }
  return true;
}

const cutLine = (limitBytes: number): Buffer =>
  Buffer.from(`\n(the log was cut here: it may have ${limitBytes} bytes)\n`);
