import type { Http2Session } from 'node:http2';
import { OversizedMessage } from './message-frame.ts';
import type { Claim } from './message-frame.ts';

// A builder hands over hundreds of outputs at once in messages of a quarter of a megabyte; who lets more lie half sent means no good.
const gatheredBytesMax = 128 * 1024 * 1024;

const gathered = new WeakMap<Http2Session, number>();

/** Counts what all calls of a session have announced of large messages that are not complete yet. */
export function claimOf(session: Http2Session | undefined): Claim {
  if (session === undefined) return unlimited;
  return (bytes) => {
    const others = gathered.get(session) ?? 0;
    if (others + bytes > gatheredBytesMax)
      throw new OversizedMessage(`too much is half sent: ${others} bytes, and ${bytes} more`);
    gathered.set(session, others + bytes);
    return {
      [Symbol.dispose]: () => void gathered.set(session, (gathered.get(session) ?? 0) - bytes),
    };
  };
}

/** For those whom we trust. */
export const unlimited: Claim = () => ({ [Symbol.dispose]: () => {} });
