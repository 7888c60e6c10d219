import { CallError } from '../../protocol/call-error.ts';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { IncomingLog } from '../../protocol/store-transfer.ts';
import type { Attempts, LiveAttempt } from '../attempts/attempts.ts';
import { insistOnOwner } from '../attempts/own-attempt.ts';
import type { SpeaksFor } from '../attempts/own-attempt.ts';
import type { LogFiles, LogName } from './log-files.ts';
import type { Refusals } from '../builders/refusals.ts';

/** Takes the logs that builders send. */
export type Logs = {
  /**
   * Resolves when the log is written. Throws `CallError` for one that is longer than it may be, begins too late, or is of
   * another builder's attempt.
   */
  receive(log: IncomingLog, speaksFor: SpeaksFor): Promise<void>;
  /** How much of the log of an attempt is there, in bytes. */
  bytes(attempt: LiveAttempt): Promise<number>;
  /** The attempt is over. */
  finish(attempt: LiveAttempt): void;
  /** Finishes what an earlier runner could not. */
  sweep(signal: AbortSignal): Promise<void>;
  /** Resolves when what was finished so far lies as it is to stay. */
  settled(): Promise<void>;
};

// A broken connection is noticed within forty seconds; nobody comes back so often meanwhile.
const streamsMax = 16;

export function openLogs(options: {
  readonly attempts: Attempts;
  readonly files: LogFiles;
  readonly refusals: Refusals;
  /** Asked for each log. */
  readonly limitBytes: () => number;
  /** The builder sends more than it may, and does not stop. */
  readonly onExcess: (attempt: LiveAttempt) => void;
}): Logs {
  const { attempts, files, refusals, onExcess } = options;
  let finishing = Promise.resolve();
  /** Who writes the log of an attempt now. */
  const writers = new Map<AttemptUuid, symbol>();
  const streams = new Map<AttemptUuid, number>();

  const receive: Logs['receive'] = async (log, speaksFor) => {
    const live = ownerOf(log, speaksFor);
    const name = live && nameOf(live);
    if (live === undefined || name === undefined) return discard(log.data);
    if (log.offset > (await files.bytes(name))) {
      throw new CallError(
        'out-of-range',
        `the log begins at byte ${log.offset}, which is too late`,
      );
    }
    using _stream = openStream(live);
    const writer = Symbol(live.uuid);
    writers.set(live.uuid, writer);
    const isCurrent = (): boolean => writers.get(live.uuid) === writer;
    const isWanted = (): boolean => {
      if (isCurrent()) attempts.noteHeard(live);
      return isCurrent();
    };
    const limitBytes = options.limitBytes();
    try {
      const data = takeWhile(log.data, isWanted);
      if (await files.write(name, { offset: log.offset, data, limitBytes, isWanted })) return;
      onExcess(live);
      throw refusals.refuse('log-too-long', `the log may have ${limitBytes} bytes`);
    } finally {
      if (isCurrent()) writers.delete(live.uuid);
    }
  };

  /** Each has a file open, also the former ones of which nobody has noticed that they are broken. */
  const openStream = ({ uuid }: LiveAttempt): Disposable => {
    const others = streams.get(uuid) ?? 0;
    if (others >= streamsMax)
      throw refusals.refuse('too-many-logs', `attempt ${uuid} has ${others} logs on their way`);
    streams.set(uuid, others + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (streams.get(uuid) ?? 0) - 1;
        if (left > 0) streams.set(uuid, left);
        else streams.delete(uuid);
      },
    };
  };

  /** Only who has the lease may write: not a builder that was given up, nor one that was never asked. */
  const ownerOf = (
    { attempt, derivation }: IncomingLog,
    speaksFor: SpeaksFor,
  ): LiveAttempt | undefined => {
    const live = attempt === null ? attempts.byDerivation(derivation) : attempts.byUuid(attempt);
    if (live?.derivation !== derivation) return undefined;
    insistOnOwner(live, speaksFor, refusals);
    return live;
  };

  return {
    receive,
    bytes: async (live) => {
      const name = nameOf(live);
      return name === undefined ? 0 : files.bytes(name);
    },
    finish: (live) => {
      writers.delete(live.uuid);
      const name = nameOf(live);
      if (name !== undefined) finishing = files.finish(name);
    },
    sweep: (signal) =>
      files.sweep(
        ({ build, stepNumber }) => attempts.byRow(build, stepNumber) !== undefined,
        signal,
      ),
    settled: () => finishing,
  };
}

/** Undefined until its row is there; then only it is sent to a builder. */
function nameOf({ derivation, build, stepNumber }: LiveAttempt): LogName | undefined {
  return stepNumber === undefined ? undefined : { derivation, build, stepNumber };
}

/** Ends early, when another stream has taken over or the attempt is over. */
async function* takeWhile(
  data: AsyncIterable<Uint8Array>,
  isWanted: () => boolean,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of data) {
    if (!isWanted()) return;
    yield chunk;
  }
}

async function discard(data: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of data);
}
