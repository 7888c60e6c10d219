import { now } from './clock.ts';
import { formatAge, formatDuration } from './duration.ts';

/** How long something took, or has been taking. */
export function Elapsed(props: {
  startedAt: number | null;
  stoppedAt: number | null;
  running: boolean;
}) {
  const { startedAt, stoppedAt, running } = props;
  if (startedAt === null) return <span class="muted">–</span>;
  if (stoppedAt !== null && !running) return <span>{formatDuration(stoppedAt - startedAt)}</span>;
  if (!running) return <span class="muted">–</span>;
  return <span>{formatDuration(now.value - startedAt)}</span>;
}

/** A moment, as its distance from now; the exact time in its title. */
export function Moment({ at }: { at: number | null }) {
  if (at === null) return <span class="muted">–</span>;
  return (
    <time
      dateTime={new Date(at * 1000).toISOString()}
      onPointerEnter={({ currentTarget }) => tellExactly(currentTarget)}
    >
      {formatAge(now.value - at)}
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
