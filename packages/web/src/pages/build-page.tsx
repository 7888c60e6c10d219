import { useRoute } from 'preact-iso/router';
import type { Change } from '../api/changes.ts';
import { useResource } from '../api/resource.ts';
import type { Resource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { Build as BuildAnswer, BuildDetail, StepPage } from '../api/v2.ts';
import { Crumbs } from '../parts/crumbs.tsx';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { BuildMark } from '../status/status-mark.tsx';
import { buildWords, hasEnded, wordsFor } from '../status/words.ts';
import { BuildActions } from '../build/build-actions.tsx';
import { BuildTimeline } from '../build/build-timeline.tsx';
import { StepGraph } from '../build/graph.tsx';
import { SinceLastGood } from '../build/since-last-good.tsx';
import { Waiting } from '../build/waiting.tsx';
import { BuildFacts } from './build-facts.tsx';
import { BuildFailure } from './build-failure.tsx';
import { Metrics, Outputs, Products } from './build-results.tsx';
import { StepTable } from './step-table.tsx';

export function BuildPage() {
  const { params } = useRoute();
  const id = params['build'] ?? '';
  return <Build key={id} id={id} />;
}

function Build({ id }: { id: string }) {
  const { data, failure, again } = useBuild(id);
  useTitle(
    data === undefined ? `Build ${id}` : `${data.job}: ${wordsFor(buildWords, data.status).word}`,
  );
  return (
    <>
      <Crumbs>
        <a href="/" data-key="up">
          Builds
        </a>
        <span aria-current="page">{id}</span>
      </Crumbs>
      {data === undefined && failure?.status === 404 ? (
        <Notice title={`There is no build ${id}.`}>
          Perhaps its jobset was deleted. <a href="/">See all builds</a>.
        </Notice>
      ) : (
        <FailureNotice failure={failure} />
      )}
      {data === undefined ? null : <BuildBody build={data} onDone={again} />}
    </>
  );
}

// The build of a whole system has thousands of steps; nobody reads further.
const stepsMax = 500;

/** The build and what was tried for it, once both are there. */
function useBuild(id: string): Resource<BuildDetail> {
  const address = `${apiRoot}/builds/${encodeURIComponent(id)}`;
  const isAffected = (change: Change): boolean => change.builds.includes(Number(id));
  const build = useResource<BuildAnswer>(address, {
    isAffected,
    isMoving: ({ status }) => !hasEnded(status),
  });
  const steps = useResource<StepPage>(`${address}/steps?limit=${stepsMax}`, {
    isAffected,
    isMoving: ({ items }) => items.some(({ status }) => status === 'running'),
  });
  const data = build.data && steps.data && join(build.data, steps.data);
  const again = (): void => {
    build.again();
    steps.again();
  };
  return { data, failure: build.failure ?? steps.failure, again };
}

const join = (build: BuildAnswer, { items, next }: StepPage): BuildDetail => ({
  ...build,
  steps: items,
  stepsLeftOut: next !== null,
});

function BuildBody({ build, onDone }: { build: BuildDetail; onDone: () => void }) {
  return (
    <article>
      <header class="headline">
        <h1>{build.job}</h1>
        <BuildMark status={build.status} />
        <BuildActions build={build} onDone={onDone} />
      </header>
      {build.description === null ? null : <p class="description">{build.description}</p>}
      <BuildFacts build={build} />
      <Waiting build={build} />
      <BuildFailure build={build} />
      <StepTable build={build} />
      <BuildTimeline build={build} />
      <StepGraph build={build} />
      <SinceLastGood build={build} />
      <Outputs outputs={build.outputs} />
      <Products products={build.products} />
      <Metrics metrics={build.metrics} />
    </article>
  );
}
