import { isHeard, tell } from './listener.ts';
import type { Listener } from './listener.ts';
import { message as messageLayout } from './messages.ts';
import type { ErrorReport } from './messages.ts';
import type { Protocol } from './protocol.ts';
import type { WireCursor } from './wire/cursor.ts';
import { Malformed } from './wire/malformed.ts';
import type { WireReader } from './wire/reader.ts';

/**
 * The daemon could not do what it was asked for, and says why. Not a `DaemonError` yet: those may also
 * come from listeners and archives that speak with other daemons, and mean nothing for this one.
 */
export class OperationFailed extends Error {
  override readonly name = 'OperationFailed';
  readonly report: ErrorReport;

  constructor(report: ErrorReport) {
    super(report.message);
    this.report = report;
  }
}

/** Gives at most `limit` bytes of an archive to the daemon of an old protocol. */
export type GiveData = (limit: number) => Promise<void>;

/**
 * Reads messages up to the one after which the reply follows.
 * @throws OperationFailed if the daemon reports an error instead
 */
export async function readMessages(
  reader: WireReader,
  protocol: Protocol,
  listener: Listener = {},
  giveData: GiveData = () => refuseData(reader),
): Promise<void> {
  const heard = isHeard(listener);
  const parse = (cursor: WireCursor) => messageLayout.parse(cursor, protocol);
  for (;;) {
    const { offset } = reader;
    const message = reader.tryRead(parse) ?? (await messageLayout.read(reader, protocol));
    if (message.type === 'last') return;
    if (message.type === 'error') throw new OperationFailed(message.error);
    if (message.type === 'data-wanted') await giveData(message.limit);
    else if (message.type === 'data') throw new Malformed('data that nobody wants', offset);
    else if (heard) {
      const pending = tell(listener, message);
      if (pending !== undefined) await pending;
    }
  }
}

async function refuseData(reader: WireReader): Promise<void> {
  throw new Malformed('a wish for data, but there is none', reader.offset);
}
