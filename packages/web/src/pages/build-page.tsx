import { useRoute } from 'preact-iso/router';
import { useResource } from '../api/resource.ts';
import type { BuildDetail } from '../api/shapes.ts';
import { Crumbs } from '../parts/crumbs.tsx';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { BuildMark } from '../status/status-mark.tsx';
import { buildWords, hasEnded, wordsFor } from '../status/words.ts';
import { BuildActions } from '../build/build-actions.tsx';
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
  const { data, failure, again } = useResource<BuildDetail>(
    `/api/builds/${encodeURIComponent(id)}`,
    {
      isAffected: (change) => change.builds.includes(Number(id)),
      isMoving: (build) => !hasEnded(build.status),
    },
  );
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
      <StepGraph build={build} />
      <SinceLastGood build={build} />
      <Outputs outputs={build.outputs} />
      <Products products={build.products} />
      <Metrics metrics={build.metrics} />
    </article>
  );
}
