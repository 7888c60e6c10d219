import { useLocation, useRoute } from 'preact-iso/router';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { Comparison, Evaluation } from '../api/v2.ts';
import { Crumbs } from '../parts/crumbs.tsx';
import { formatCount } from '../parts/count.ts';
import { Fact } from '../parts/fact.tsx';
import { FailureNotice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { formatDuration } from '../time/duration.ts';
import { Moment } from '../time/elapsed.tsx';
import { ComparedBuilds } from './compared-builds.tsx';
import { ComparisonChoice } from './comparison-choice.tsx';
import {
  comparisonQuery,
  differenceWords,
  mostTelling,
  readComparisonView,
} from './differences.ts';
import type { ComparisonView } from './differences.ts';
import { EvaluationActions } from './evaluation-actions.tsx';
import { Shares } from './shares.tsx';
import { OutcomeBar } from './outcome-bar.tsx';

/** One evaluation: how its builds stand, and what stands otherwise than in another one. */
export function EvaluationPage() {
  const { params } = useRoute();
  const id = params['evaluation'] ?? '';
  return <OneEvaluation key={id} id={id} />;
}

function OneEvaluation({ id }: { id: string }) {
  const { query } = useLocation();
  const view = readComparisonView(query);
  const { data, failure, again } = useResource<Evaluation>(addressOf(id), {
    isAffected: () => true,
  });
  useTitle(data === undefined ? `Evaluation ${id}` : `${data.project}:${data.jobset} ${id}`);
  return (
    <>
      <Crumbs>
        <a href="/evaluations" data-key="up">
          Evaluations
        </a>
        {data === undefined ? null : (
          <a href={`/evaluations?project=${data.project}&jobset=${data.jobset}`}>
            {data.project}:{data.jobset}
          </a>
        )}
        <span aria-current="page">{id}</span>
      </Crumbs>
      <FailureNotice failure={failure} />
      {data === undefined ? null : <EvaluationFacts evaluation={data} onDone={again} />}
      {data === undefined ? null : <Differences evaluation={data} view={view} />}
    </>
  );
}

const addressOf = (id: number | string): string =>
  `${apiRoot}/evaluations/${encodeURIComponent(id)}`;

function EvaluationFacts({ evaluation, onDone }: { evaluation: Evaluation; onDone: () => void }) {
  const { project, jobset, evaluatedAt, evaluationSeconds, builds, error } = evaluation;
  return (
    <>
      <header class="headline">
        <h1>
          {project}:{jobset}
        </h1>
        <EvaluationActions evaluation={evaluation} onDone={onDone} />
      </header>
      <dl class="facts">
        <Fact name="Evaluated">
          <Moment at={evaluatedAt} />
        </Fact>
        <Fact name="Took">{formatDuration(evaluationSeconds)}</Fact>
        <Fact name="Builds">{formatCount(builds)}</Fact>
        <Shares project={project} jobset={jobset} />
        <Fact name="How they stand" wide>
          <OutcomeBar {...evaluation} />
        </Fact>
      </dl>
      {error === null ? null : (
        <details class="evaluation-error">
          <summary>Some of it could not be evaluated</summary>
          <pre>{error}</pre>
        </details>
      )}
    </>
  );
}

function Differences({ evaluation, view }: { evaluation: Evaluation; view: ComparisonView }) {
  const address = addressOf(evaluation.id);
  const compared = view.other === undefined ? '' : `?with=${view.other}`;
  const { data, failure } = useResource<Comparison>(`${address}/comparison${compared}`, {
    isAffected: () => true,
  });
  if (data === undefined) return <FailureNotice failure={failure} />;
  const shown = { ...view, difference: view.difference ?? mostTelling(data.counts) };
  return (
    <section class="differences-of-jobs">
      <div class="filter">
        <DifferenceLinks comparison={data} view={shown} />
        <ComparisonChoice evaluation={evaluation} other={data.with} />
      </div>
      <ComparedBuilds address={address} view={shown} />
    </section>
  );
}

function DifferenceLinks({ comparison, view }: { comparison: Comparison; view: ComparisonView }) {
  const there = differenceWords.filter(
    ({ difference }) => comparison.counts[difference] > 0 || difference === view.difference,
  );
  return (
    <nav class="groups" aria-label="Jobs by how they differ">
      {there.map(({ difference, word, tone }) => (
        <a
          key={difference}
          class={`group ${tone}`}
          href={`/evaluations/${comparison.evaluation}${comparisonQuery({ ...view, difference, cursor: undefined })}`}
          aria-current={view.difference === difference ? 'page' : undefined}
        >
          <span class="word">{word}</span>{' '}
          <span class="count">{formatCount(comparison.counts[difference])}</span>
        </a>
      ))}
    </nav>
  );
}
