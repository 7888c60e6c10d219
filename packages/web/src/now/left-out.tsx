import { formatCount } from '../parts/count.ts';
import { attemptsMax } from './attempts.ts';
import type { Attempts } from './attempts.ts';
import { clockTime } from './time-axis.ts';

/** Says so where a picture does not show all that there was. */
export function LeftOut({ attempts: { wholeFrom } }: { attempts: Attempts }) {
  if (wholeFrom === null) return null;
  return (
    <p class="left-out muted" role="status">
      The newest {formatCount(attemptsMax)} are drawn: some that were over before{' '}
      {clockTime(wholeFrom)} are not.
    </p>
  );
}
