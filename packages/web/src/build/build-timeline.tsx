import { secondsOf, secondsOrNull } from '../api/v2.ts';
import type { BuildDetail, Step } from '../api/v2.ts';
import { Timeline } from '../now/timeline.tsx';
import type { Row } from '../now/timeline.tsx';
import type { Window } from '../now/time-axis.ts';
import { now } from '../time/clock.ts';
import { lanesOf } from './lanes-of.ts';

// One bar says no more than the table of steps does.
const stepsMin = 2;
// So that the bar of a step that has just begun can be seen.
const secondsMin = 60;

/** When and where the steps of a build were tried, from the first beginning to the last end. */
export function BuildTimeline({ build }: { build: BuildDetail }) {
  const steps = build.steps.filter(({ startedAt, type }) => startedAt !== null && type === 'build');
  if (steps.length < stepsMin) return null;
  return (
    <section>
      <h2>Time line</h2>
      <Timeline
        rows={rowsOf(steps)}
        attempts={new Map(steps.map((step) => [String(step.number), step]))}
        window={windowOf(steps)}
      />
    </section>
  );
}

function windowOf(steps: readonly Step[]): Window {
  const starts = steps.flatMap(({ startedAt }) => (startedAt === null ? [] : secondsOf(startedAt)));
  const ends = steps.map(({ stoppedAt }) => secondsOrNull(stoppedAt) ?? now.value);
  const from = Math.min(...starts);
  return { from, to: Math.max(...ends, from + secondsMin) };
}

function rowsOf(steps: readonly Step[]): Row[] {
  const byMachine = Map.groupBy(steps, ({ machine }) => machine ?? '');
  return [...byMachine]
    .map(([name, all]) => ({
      name,
      lanes: lanesOf(all),
      remark: all.length === 1 ? '1 step' : `${all.length} steps`,
    }))
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en'));
}
