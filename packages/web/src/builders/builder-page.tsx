import { useRoute } from 'preact-iso/router';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { Builder, BuilderList } from '../api/v2.ts';
import { noAttempts, useAttempts } from '../now/attempts.ts';
import { rowOf, Timeline } from '../now/timeline.tsx';
import { Crumbs } from '../parts/crumbs.tsx';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { StatusMark } from '../status/status-mark.tsx';
import { now } from '../time/clock.ts';
import { LeftOut } from '../now/left-out.tsx';
import { AttemptTable } from './attempt-table.tsx';
import { BuilderFacts } from './builder-facts.tsx';
import { Evidence } from './evidence.tsx';
import { HoldButtons } from './hold-buttons.tsx';
import { tellStanding } from './standing.ts';

const historySeconds = 3600;

/** One machine: how it is, what it is at, what it did, and what speaks against it. */
export function BuilderPage() {
  const { params } = useRoute();
  const name = params['builder'] ?? '';
  return <OneBuilder key={name} name={name} />;
}

function OneBuilder({ name }: { name: string }) {
  const { data, failure, again } = useResource<BuilderList>(`${apiRoot}/builders`, {
    isAffected: () => true,
    isMoving: () => true,
  });
  useTitle(name);
  const builder = data?.items.find((one) => one.name === name);
  return (
    <>
      <Crumbs>
        <a href="/builders" data-key="up">
          Builders
        </a>
        <span aria-current="page">{name}</span>
      </Crumbs>
      <FailureNotice failure={failure} />
      {builder === undefined && data !== undefined ? (
        <Notice title={`No builder is called ${name}.`}>
          Perhaps it has left the farm. What it did is below.
        </Notice>
      ) : null}
      {builder === undefined ? null : <Present builder={builder} onChanged={again} />}
      {data === undefined && failure === undefined ? null : (
        <History name={name} builder={builder} />
      )}
    </>
  );
}

function Present({ builder, onChanged }: { builder: Builder; onChanged: () => void }) {
  const standing = tellStanding(builder, now.value);
  return (
    <>
      <header class="headline">
        <h1>{builder.name}</h1>
        <StatusMark {...standing} />
        <HoldButtons builder={builder} onChanged={onChanged} />
      </header>
      <p class="description">{standing.sentence}</p>
      <BuilderFacts builder={builder} />
      <Evidence builder={builder} />
    </>
  );
}

function History({ name, builder }: { name: string; builder: Builder | undefined }) {
  const { data, failure } = useAttempts(historySeconds, name);
  const attempts = data ?? noAttempts;
  return (
    <section>
      <h2>The last hour</h2>
      <FailureNotice failure={failure} />
      <LeftOut attempts={attempts} />
      {builder === undefined ? null : (
        <Timeline
          rows={[rowOf(builder)]}
          attempts={attempts.byKey}
          window={{ from: now.value - historySeconds, to: now.value }}
        />
      )}
      {data === undefined ? null : <AttemptTable attempts={[...data.byKey.values()]} />}
    </section>
  );
}
