import type { DerivationPath } from '@iolaus/nix';
import type { IncomingLog } from '../protocol/store-transfer.ts';
import type { Attempts, LiveAttempt } from './attempts.ts';
import { logFileBytes, logFilePath } from './log-files.ts';
import type { WriteLog } from './log-files.ts';

/** Takes the logs that builders send. */
export type Logs = {
  /** Resolves when the log is written. */
  receive(log: IncomingLog): Promise<void>;
  /** How much of the log of an attempt is there, in bytes. */
  bytes(attempt: LiveAttempt): Promise<number>;
};

export function openLogs(options: {
  readonly directory: string;
  readonly attempts: Attempts;
  readonly writeLog: WriteLog;
  readonly limitBytes: number;
}): Logs {
  const { directory, attempts, writeLog, limitBytes } = options;
  /** Who writes the file of a derivation now. */
  const writers = new Map<DerivationPath, symbol>();

  const receive = async (log: IncomingLog): Promise<void> => {
    if (!isWanted(log)) return discard(log.data);
    const writer = Symbol(log.derivation);
    writers.set(log.derivation, writer);
    const isCurrent = (): boolean => writers.get(log.derivation) === writer;
    try {
      const file = logFilePath(directory, log.derivation);
      await writeLog(file, takeWhile(log.data, isCurrent), limitBytes, log.offset);
    } finally {
      if (isCurrent()) writers.delete(log.derivation);
    }
  };

  /** Only who has the lease may write: not a builder that was given up, nor one that was never asked. */
  const isWanted = (log: IncomingLog): boolean => {
    const live =
      log.attempt === null ? attempts.byDerivation(log.derivation) : attempts.byUuid(log.attempt);
    return live?.derivation === log.derivation;
  };

  const bytes = ({ derivation }: LiveAttempt): Promise<number> =>
    logFileBytes(logFilePath(directory, derivation));

  return { receive, bytes };
}

/** Ends early, when a newer attempt has taken over the file. */
async function* takeWhile(
  data: AsyncIterable<Uint8Array>,
  isCurrent: () => boolean,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of data) {
    if (!isCurrent()) return;
    yield chunk;
  }
}

async function discard(data: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of data);
}
