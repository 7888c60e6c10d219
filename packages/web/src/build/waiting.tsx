import { useResource } from '../api/resource.ts';
import { apiRoot, secondsOf } from '../api/v2.ts';
import type { BuildDetail, Explanation } from '../api/v2.ts';
import { hasEnded } from '../status/words.ts';
import { now } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';

/** What a build waits for, in a sentence, and when it will probably be done. Nothing for builds that have ended. */
export function Waiting({ build }: { build: BuildDetail }) {
  return hasEnded(build.status) ? null : <Explained id={build.id} />;
}

function Explained({ id }: { id: number }) {
  // Where the runner cannot be asked, the page tells what the database knows.
  const { data } = useResource<Explanation>(`${apiRoot}/builds/${id}/why`, {
    isAffected: (change) => change.builds.includes(id),
    isMoving: () => true,
  });
  if (data === undefined) return null;
  return (
    <section class="waiting" aria-label="What it waits for">
      <p>{data.sentence}</p>
      <Forecast explanation={data} />
      <Machines machines={data.machines} />
    </section>
  );
}

function Forecast({ explanation: { starts, ends } }: { explanation: Explanation }) {
  if (ends === null) return null;
  return (
    <p class="muted">
      {starts === null ? null : <>Starts {tellSpan(starts)}. </>}
      Done {tellSpan(ends)}.
    </p>
  );
}

function tellSpan({ earliest, latest }: NonNullable<Explanation['ends']>): string {
  const from = secondsOf(earliest) - now.value;
  if (latest === null) return `in ${tellLeft(from)} at the earliest`;
  const to = secondsOf(latest) - now.value;
  const [shortest, longest] = [tellLeft(from), tellLeft(to)];
  return shortest === longest ? `in ${shortest}` : `in ${shortest} to ${longest}`;
}

const tellLeft = (seconds: number): string => (seconds < 1 ? 'a moment' : formatDuration(seconds));

function Machines({ machines }: { machines: Explanation['machines'] }) {
  if (machines.length === 0) return null;
  return (
    <details>
      <summary>
        {machines.length === 1 ? 'One machine' : `${machines.length} machines`} could build it
      </summary>
      <ul>
        {machines.map(({ name, sentence }) => (
          <li key={name}>
            <a href={`/builders/${encodeURIComponent(name)}`}>{name}</a>: {sentence}
          </li>
        ))}
      </ul>
    </details>
  );
}
