import type { SystemQueue } from '../api/v2.ts';
import { formatCount } from '../parts/count.ts';
import { TableHead } from '../parts/table-head.tsx';
import { formatDuration } from '../time/duration.ts';

/** How much there is to do for each system, drawn to one scale, and how long it will take. */
export function QueueDepth({ systems }: { systems: readonly SystemQueue[] }) {
  const most = Math.max(
    1,
    ...systems.map(({ waiting, runnable, running, ahead, backingOff }) => {
      return waiting + runnable + running + ahead + backingOff;
    }),
  );
  return (
    <table class="rows depth">
      <caption class="unseen">Steps to be built, by system</caption>
      <TableHead
        columns={[
          'System',
          { picture: 'As a picture' },
          ...['Running', 'Given out', 'Can start', 'Waiting', 'Resting', 'Done in'].map(
            (number) => ({ number }),
          ),
        ]}
      />
      <tbody>
        {systems.map((system) => (
          <SystemRow key={system.system} queue={system} most={most} />
        ))}
      </tbody>
    </table>
  );
}

function SystemRow({ queue, most }: { queue: SystemQueue; most: number }) {
  const { system, running, ahead, runnable, waiting, backingOff, unsupported, secondsLeft } = queue;
  const parts = { running, runnable: ahead + runnable, waiting: waiting + backingOff };
  return (
    <tr>
      <th scope="row">
        <a data-row href={`/queue?system=${encodeURIComponent(system)}`}>
          {system}
        </a>
      </th>
      <td class="picture">
        <span class="depth-bar" aria-hidden="true">
          {Object.entries(parts).map(([part, count]) => (
            <span key={part} class={part} style={{ width: `${(100 * count) / most}%` }} />
          ))}
        </span>
      </td>
      {[running, ahead, runnable, waiting, backingOff].map((count, index) => (
        <td key={index} class={count === 0 ? 'number muted' : 'number'}>
          {formatCount(count)}
        </td>
      ))}
      <td class="number">
        {secondsLeft === null ? (
          <span class="warning">no machine{unsupported > 0 ? ' for it' : ''}</span>
        ) : (
          tellTimeLeft(secondsLeft)
        )}
      </td>
    </tr>
  );
}

/** A forecast is not told to the second. */
export function tellTimeLeft(seconds: number): string {
  if (seconds < 1) return 'now';
  return seconds < 60 ? '< 1m' : formatDuration(Math.round(seconds / 60) * 60).replace(' 00s', '');
}
