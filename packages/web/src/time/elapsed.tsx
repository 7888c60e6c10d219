import { secondsOf } from '../api/v2.ts';
import { now } from './clock.ts';
import { formatAge, formatDuration } from './duration.ts';

/** How long something took, or has been taking. */
export function Elapsed(props: {
  startedAt: string | null;
  stoppedAt: string | null;
  running: boolean;
}) {
  const { startedAt, stoppedAt, running } = props;
  if (startedAt === null) return <span class="muted">–</span>;
  if (stoppedAt !== null && !running)
    return <span>{formatDuration(secondsOf(stoppedAt) - secondsOf(startedAt))}</span>;
  if (!running) return <span class="muted">–</span>;
  return <span>{formatDuration(now.value - secondsOf(startedAt))}</span>;
}

/** A moment, as its distance from now; the exact time in its title. */
export function Moment({ at }: { at: string | null }) {
  if (at === null) return <span class="muted">–</span>;
  return (
    <time dateTime={at} onPointerEnter={({ currentTarget }) => tellExactly(currentTarget)}>
      {formatAge(now.value - secondsOf(at))}
    </time>
  );
}

/**
 * Puts the exact time into the title. To be called when it is asked for: the first date that is put into a language costs
 * a tenth of the time until the page is seen.
 */
export function tellExactly(time: HTMLTimeElement): void {
  if (time.dateTime !== '') time.title = new Date(time.dateTime).toLocaleString();
}
