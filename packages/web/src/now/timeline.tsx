import { useRef } from 'preact/hooks';
import { secondsOf, secondsOrNull } from '../api/v2.ts';
import type { Builder, Step } from '../api/v2.ts';
import { derivationName } from '../parts/store-path.ts';
import { tellStep } from '../status/words.ts';
import { formatDuration } from '../time/duration.ts';
import { placeInLanes } from './lanes.ts';
import type { Stretch } from './lanes.ts';
import { clockTime, percentAt, ticksOf } from './time-axis.ts';
import type { Window } from './time-axis.ts';

// A time at the very edge would stick out of the page.
const edgePercent = 3;

/** What is drawn of an attempt. */
export type Drawn = Pick<
  Step,
  'build' | 'number' | 'derivation' | 'machine' | 'status' | 'phase' | 'startedAt' | 'stoppedAt'
>;

type Attempts = ReadonlyMap<string, Drawn>;

/** A machine, and how many steps it has at once. */
export type Row = { readonly name: string; readonly lanes: number; readonly remark: string };

export const rowOf = ({ name, slots, running }: Builder): Row => ({
  name,
  lanes: slots,
  remark: `${running} of ${slots}`,
});

/** Machines as rows, steps as bars in time. */
export function Timeline(props: {
  readonly rows: readonly Row[];
  readonly attempts: Attempts;
  readonly window: Window;
}) {
  const { rows, attempts, window } = props;
  const byMachine = Map.groupBy(attempts, ([, { machine }]) => machine ?? '');
  return (
    <div class="timeline">
      <ol class="machine-rows">
        {rows.map((row) => (
          <MachineRow
            key={row.name}
            row={row}
            attempts={new Map(byMachine.get(row.name))}
            window={window}
          />
        ))}
      </ol>
      <div class="time-axis" aria-hidden="true">
        {ticksOf(window, 8)
          .map((tick) => ({ tick, percent: percentAt(window, tick) }))
          .filter(({ percent }) => percent > edgePercent && percent < 100 - edgePercent)
          .map(({ tick, percent }) => (
            <span key={tick} style={{ left: `${percent}%` }}>
              {clockTime(tick)}
            </span>
          ))}
      </div>
    </div>
  );
}

// Bars that can be read, as long as there are few beside each other; thin ones on large machines.
const laneHeights = [
  { lanesMax: 4, pixels: 18 },
  { lanesMax: 12, pixels: 9 },
  { lanesMax: Infinity, pixels: 5 },
];

function MachineRow(props: {
  readonly row: Row;
  readonly attempts: Attempts;
  readonly window: Window;
}) {
  const { row, attempts, window } = props;
  const lanes = useRef<ReadonlyMap<string, number>>(new Map());
  lanes.current = placeInLanes(stretchesOf(attempts, window.to), row.lanes, lanes.current);
  const height = laneHeights.find(({ lanesMax }) => row.lanes <= lanesMax)?.pixels ?? 5;
  return (
    <li>
      <a class="machine-name" data-row href={`/builders/${encodeURIComponent(row.name)}`}>
        <b>{row.name}</b> <span class="count">{row.remark}</span>
      </a>
      <div
        class={height < 16 ? 'track thin' : 'track'}
        style={{ height: `${height * Math.max(row.lanes, 1) + 6}px` }}
      >
        {[...attempts].map(([key, attempt]) => (
          <Bar
            key={key}
            attempt={attempt}
            window={window}
            top={3 + height * (lanes.current.get(key) ?? 0)}
            height={height - 2}
          />
        ))}
      </div>
    </li>
  );
}

function stretchesOf(attempts: Attempts, to: number): Map<string, Stretch> {
  const stretches = new Map<string, Stretch>();
  for (const [key, { startedAt, stoppedAt }] of attempts) {
    if (startedAt === null) continue;
    stretches.set(key, { start: secondsOf(startedAt), end: secondsOrNull(stoppedAt) ?? to });
  }
  return stretches;
}

function Bar(props: {
  readonly attempt: Drawn;
  readonly window: Window;
  readonly top: number;
  readonly height: number;
}) {
  const { attempt, window, top, height } = props;
  const start = secondsOrNull(attempt.startedAt);
  const end = secondsOrNull(attempt.stoppedAt) ?? window.to;
  if (start === null || end < window.from) return null;
  const left = percentAt(window, start);
  const { word, tone } = tellStep(attempt.status, attempt.phase);
  const name = derivationName(attempt.derivation);
  const told = `${name}: ${word}, ${formatDuration(end - start)}`;
  return (
    <a
      class={`bar ${tone}`}
      href={`/builds/${attempt.build}/steps/${attempt.number}`}
      title={told}
      aria-label={told}
      style={{
        left: `${left}%`,
        width: `${percentAt(window, end) - left}%`,
        top: `${top}px`,
        height: `${height}px`,
      }}
    >
      {name}
    </a>
  );
}
