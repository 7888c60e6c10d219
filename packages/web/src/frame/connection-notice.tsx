import { useEffect, useRef, useState } from 'preact/hooks';
import { connection } from '../api/changes.ts';

// Long enough to be read.
const caughtUpMilliseconds = 4000;

/** Says that the page is not told of changes any more, and when it has read again what it missed. It moves nothing. */
export function ConnectionNotice() {
  const [caughtUp, setCaughtUp] = useState(false);
  const lost = connection.value === 'lost';
  const wasLost = useRef(false);
  useEffect(() => {
    if (lost) wasLost.current = true;
    if (connection.value !== 'live' || !wasLost.current) return undefined;
    wasLost.current = false;
    setCaughtUp(true);
    const timer = setTimeout(() => setCaughtUp(false), caughtUpMilliseconds);
    return () => clearTimeout(timer);
  }, [connection.value]);
  return (
    <p class={`connection-notice ${lost ? 'lost' : 'back'}`} role="status">
      {lost ? 'The connection is lost. What you see may be old; trying again.' : null}
      {!lost && caughtUp ? 'Connected again, and caught up.' : null}
    </p>
  );
}
