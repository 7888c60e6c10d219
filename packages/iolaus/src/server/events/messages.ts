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
  const builds = new Set(
    rows.flatMap(({ type, builds: ids }) => (type === 'builds' ? (ids ?? []) : [])),
  );
  const steps = new Map(
    rows.flatMap(({ type, builds: ids, steps: numbers }) =>
      type === 'steps'
        ? (ids ?? []).map((build, index) => {
            const step = numbers?.[index] ?? 0;
            return [`${build}/${step}`, { build, step }] as const;
          })
        : [],
    ),
  );
  // A build runs since its first step does.
  for (const { build } of steps.values()) builds.add(build);
  const isTooMuch = builds.size > idsMax;
  const shown = isTooMuch ? [] : [...builds];
  const [summaries, attempts, jobsets, members] = await Promise.all([
    toldBuilds(database, shown),
    toldSteps(database, [...steps.values()].slice(-idsMax)),
    toldJobsets(database, [...new Set(rows.flatMap(({ jobset }) => jobset ?? []))]),
    evaluationsOf(database, shown, watchedEvaluations),
  ]);
  const evaluationsByBuild = Map.groupBy(members, ({ build }) => build);
  const many = new Set(
    rows.flatMap(({ type, jobset, builds: ids }) =>
      type === 'builds' && (ids === null || isTooMuch) ? (jobset ?? []) : [],
    ),
  );
  return [
    ...summaries.map(({ hidden, ...row }) =>
      buildMessage(describeBuild(row), hidden, evaluationsByBuild.get(row.id) ?? []),
    ),
    ...attempts.map(({ hidden, ...row }) => stepMessage(describeJobStep(row), hidden)),
    ...jobsets.flatMap(({ id, hidden, ...names }) =>
      jobsetMessages(names, hidden, {
        isMany: many.has(id),
        evaluations: rows.flatMap(({ jobset, evaluation }) =>
          jobset === id ? (evaluation ?? []) : [],
        ),
        isChanged: rows.some(({ type, jobset }) => type === 'jobset' && jobset === id),
      }),
    ),
  ];
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

function jobsetMessages(
  names: Names,
  hidden: boolean,
  said: {
    readonly isMany: boolean;
    readonly isChanged: boolean;
    readonly evaluations: readonly number[];
  },
): Message[] {
  const own = jobsetTopic(names);
  const to = { project: names.project, hidden };
  return [
    ...(said.isMany
      ? [{ event: 'builds', data: names, topics: ['builds', 'evaluations', own], ...to } as const]
      : []),
    ...(said.isChanged
      ? [{ event: 'jobset', data: names, topics: ['jobsets', own], ...to } as const]
      : []),
    ...[...new Set(said.evaluations)].map((id) => ({
      ...({ event: 'evaluation', data: { id, ...names } } as const),
      topics: ['evaluations', `evaluation:${id}`, own],
      ...to,
    })),
  ];
}

const jobsetTopic = ({ project, jobset }: Names): string => `jobset:${project}:${jobset}`;
