import type { Answer } from '../../api/contract.ts';
import type { Database } from '../../database/connection/connection.ts';
import {
  evaluationsOf,
  toldBuilds,
  toldJobsets,
  toldSteps,
} from '../../database/events/describe-events.ts';
import type { EventRow } from '../../database/events/read-events.ts';
import { describeBuild, describeJobStep } from '../api/wording.ts';

/** Something to be told, and to whom. */
export type Message = {
  readonly event: 'build' | 'step' | 'builds' | 'evaluation' | 'jobset';
  readonly data: object;
  /** Whoever has one of them hears it. */
  readonly topics: readonly string[];
  readonly project: string;
  /** Only those hear it who have a part in the project. */
  readonly hidden: boolean;
};

// More at once is told as `builds` of their jobsets: whoever shows them reads a page again.
const idsMax = 1_000;

/** What has happened, with the resources as they are now: many events of one thing become one message. */
export async function describeEvents(
  database: Database,
  rows: readonly EventRow[],
  watchedEvaluations: readonly number[],
): Promise<Message[]> {
  const steps = stepsNamedIn(rows);
  // A build runs since its first step does.
  const builds = new Set([...buildsNamedIn(rows), ...steps.map(({ build }) => build)]);
  const isTooMuch = builds.size > idsMax;
  const shown = isTooMuch ? [] : [...builds];
  const [summaries, attempts, jobsets, members] = await Promise.all([
    toldBuilds(database, shown),
    toldSteps(database, steps.slice(-idsMax)),
    toldJobsets(database, [...new Set(rows.flatMap(({ jobset }) => jobset ?? []))]),
    evaluationsOf(database, shown, watchedEvaluations),
  ]);
  const evaluationsByBuild = Map.groupBy(members, ({ build }) => build);
  return [
    ...summaries.map(({ hidden, ...row }) =>
      buildMessage(describeBuild(row), hidden, evaluationsByBuild.get(row.id) ?? []),
    ),
    ...attempts.map(({ hidden, ...row }) => stepMessage(describeJobStep(row), hidden)),
    ...jobsets.flatMap(({ id, hidden, ...names }) =>
      jobsetMessages(names, hidden, newsOfJobset(id, rows, isTooMuch)),
    ),
  ];
}

const buildsNamedIn = (rows: readonly EventRow[]): number[] =>
  rows.flatMap(({ type, builds }) => (type === 'builds' ? (builds ?? []) : []));

type StepName = { readonly build: number; readonly step: number };

/** Each once, in the order in which they were named first. */
function stepsNamedIn(rows: readonly EventRow[]): StepName[] {
  const named = new Map<string, StepName>();
  for (const { type, builds, steps } of rows) {
    if (type !== 'steps' || builds === null) continue;
    for (const [index, build] of builds.entries()) {
      const step = steps?.[index] ?? 0;
      named.set(`${build}/${step}`, { build, step });
    }
  }
  return [...named.values()];
}

/** What is told of a jobset beside its builds. */
type JobsetNews = {
  /** More builds than are told one by one. */
  readonly isMany: boolean;
  readonly isChanged: boolean;
  readonly evaluations: readonly number[];
};

function newsOfJobset(id: number, rows: readonly EventRow[], isTooMuch: boolean): JobsetNews {
  const own = rows.filter(({ jobset }) => jobset === id);
  return {
    isMany: own.some(({ type, builds }) => type === 'builds' && (builds === null || isTooMuch)),
    isChanged: own.some(({ type }) => type === 'jobset'),
    evaluations: own.flatMap(({ evaluation }) => evaluation ?? []),
  };
}

type Build = Answer<'listBuilds'>['items'][number];
type Step = Answer<'listAttempts'>['items'][number];
type Names = { readonly project: string; readonly jobset: string };

const buildMessage = (
  build: Build,
  hidden: boolean,
  evaluations: readonly { readonly evaluation: number }[],
): Message => ({
  event: 'build',
  data: build,
  topics: [
    'builds',
    `build:${build.id}`,
    jobsetTopic(build),
    ...evaluations.map(({ evaluation }) => `evaluation:${evaluation}`),
  ],
  project: build.project,
  hidden,
});

const stepMessage = (step: Step, hidden: boolean): Message => ({
  event: 'step',
  data: step,
  topics: ['steps', `build:${step.build}`],
  project: step.project,
  hidden,
});

function jobsetMessages(names: Names, hidden: boolean, news: JobsetNews): Message[] {
  const own = jobsetTopic(names);
  const message = (event: Message['event'], data: object, topics: readonly string[]): Message => ({
    event,
    data,
    topics: [...topics, own],
    project: names.project,
    hidden,
  });
  const evaluations = [...new Set(news.evaluations)];
  return [
    ...(news.isMany ? [message('builds', names, ['builds', 'evaluations'])] : []),
    ...(news.isChanged ? [message('jobset', names, ['jobsets'])] : []),
    ...evaluations.map((id) =>
      message('evaluation', { id, ...names }, ['evaluations', `evaluation:${id}`]),
    ),
  ];
}

const jobsetTopic = ({ project, jobset }: Names): string => `jobset:${project}:${jobset}`;
