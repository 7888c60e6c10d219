import { useLocation } from 'preact-iso/router';
import { useResource } from '../api/resource.ts';
import type { Resource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { BuilderList, NextSteps as NextStepList, SystemQueueList } from '../api/v2.ts';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { now } from '../time/clock.ts';
import { noAttempts, useAttempts } from './attempts.ts';
import { Figures } from './figures.tsx';
import { GivenUp } from './given-up.tsx';
import { LeftOut } from './left-out.tsx';
import { NextSteps } from './next-steps.tsx';
import { QueueDepth } from './queue-depth.tsx';
import { rowOf, Timeline } from './timeline.tsx';

const spans = [
  { seconds: 900, name: '15 min' },
  { seconds: 3600, name: '1 hour' },
  { seconds: 21_600, name: '6 hours' },
] as const;

// The rest is in the queue.
const nextShown = 12;

const everything = { isAffected: () => true, isMoving: () => true };

/** What the farm is doing, as a picture. */
export function NowPage() {
  const { query } = useLocation();
  const span = spans.find(({ seconds }) => String(seconds) === query['span']) ?? spans[0];
  const attempts = useAttempts(span.seconds);
  const builders = useResource<BuilderList>(`${apiRoot}/builders`, everything);
  const systems = useResource<SystemQueueList>(`${apiRoot}/queue/systems`, everything);
  useTitle('Now');
  return (
    <>
      <h1 class="unseen">Now</h1>
      <Figures
        systems={systems.data?.items}
        attempts={attempts.data?.byKey}
        builders={builders.data?.items}
      />
      <section>
        <div class="section-head">
          <h2>Builders</h2>
          <LeftOut attempts={attempts.data ?? noAttempts} />
          <nav class="spans" aria-label="How far back">
            {spans.map(({ seconds, name }) => (
              <a
                key={seconds}
                href={`/now?span=${seconds}`}
                aria-current={seconds === span.seconds ? 'true' : undefined}
              >
                {name}
              </a>
            ))}
          </nav>
        </div>
        <FailureNotice failure={builders.failure ?? attempts.failure} />
        {builders.data?.items.length === 0 ? (
          <Notice title="No machine has joined the farm.">
            Start one with <code>iolaus builder</code>; it appears here by itself.
          </Notice>
        ) : null}
        {builders.data === undefined || builders.data.items.length === 0 ? null : (
          <Timeline
            rows={builders.data.items.map(rowOf)}
            attempts={(attempts.data ?? noAttempts).byKey}
            window={{ from: now.value - span.seconds, to: now.value }}
          />
        )}
      </section>
      {isSettled(builders) ? (
        <section>
          <h2>To be done</h2>
          <FailureNotice failure={systems.failure} />
          {systems.data === undefined ? null : <QueueDepth systems={systems.data.items} />}
        </section>
      ) : null}
      {isSettled(builders) && isSettled(systems) ? <AboutToRun /> : null}
      <GivenUp />
    </>
  );
}

/** What stands below waits for it: what came later would push it down. */
const isSettled = ({ data, failure }: Resource<unknown>): boolean =>
  data !== undefined || failure !== undefined;

function AboutToRun() {
  const { data } = useResource<NextStepList>(`${apiRoot}/queue/next`, everything);
  if (data === undefined) return null;
  return (
    <section>
      <h2>About to run</h2>
      {data.items.length === 0 ? (
        <p class="muted">Nothing waits for a machine.</p>
      ) : (
        <NextSteps steps={data.items.slice(0, nextShown)} />
      )}
    </section>
  );
}
