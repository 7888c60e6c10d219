import { isUnfinished } from '../../../database/builds/is-unfinished.ts';
import { readQueuedBuilds } from '../../../database/builds/read-queued-builds.ts';
import type { Database } from '../../../database/connection/connection.ts';
import type { BuildId } from '../../../farm/identity.ts';
import type { SurveyedStep } from '../../../farm/explain/survey-steps.ts';
import { describeMachine } from './machine-status.ts';
import { describeRunner } from './runner-status.ts';
import { seeJobsets, seeMachines, seeSystems } from '../../observation/sight.ts';
import type { Sight, FullSight } from '../../observation/sight.ts';
import { describeTraffic } from './store-traffic.ts';
import { describeBuild, describeStep, describeStepInfo } from './step-status.ts';

// Rows that are read at once: a few hundred kilobytes.
const buildsAtATime = 2_000;

/** `GET /status` */
export async function answerStatus(sight: FullSight): Promise<unknown> {
  const { publishing } = sight;
  return {
    queueRunner: describeRunner(sight, (await publishing.waiting()).length),
    machines: describeMachines(sight),
    jobsets: await describeJobsets(sight),
    store: null,
    s3: describeTraffic(publishing.traffic()),
  };
}

/** `GET /status/machines` */
export function answerMachines(sight: Sight): unknown {
  const machines = describeMachines(sight);
  return { machines, machinesCount: Object.keys(machines).length };
}

/** `GET /status/jobsets` */
export async function answerJobsets(sight: Sight): Promise<unknown> {
  const jobsets = await describeJobsets(sight);
  return { jobsets, jobsetCount: Object.keys(jobsets).length };
}

/** The builds of `GET /status/builds`. */
export async function* listBuilds({ database, farm }: Sight): AsyncGenerator {
  const ids = [...farm.survey.builds()].map(({ id }) => id).sort((one, other) => one - other);
  for (let start = 0; start < ids.length; start += buildsAtATime) {
    const rows = await readQueuedBuilds(database, ids.slice(start, start + buildsAtATime));
    yield* rows.map(describeBuild);
  }
}

/** The steps of `GET /status/steps`, `/status/runnable`. */
export function listSteps({ farm }: Sight, which: StepChoice): Iterable<unknown> {
  return choose(farm.survey.steps(), which).map(describeStep);
}

/** The steps of `GET /status/queues/jobs`, `/status/queues/scheduled`. */
export function listStepInfos({ farm, clock }: Sight, which: StepChoice): Iterable<unknown> {
  const now = clock.now();
  return choose(farm.survey.steps(), which).map((step) => describeStepInfo(step, now));
}

/** `GET /status/queues` */
export function answerQueues(sight: Sight): unknown {
  const { farm, clock } = sight;
  const now = clock.now();
  const queues = Map.groupBy(choose(farm.survey.steps(), 'started'), ({ system }) => system);
  return {
    queues: Object.fromEntries(
      [...seeSystems(sight).keys()].map((system) => [
        system,
        (queues.get(system) ?? []).map((step) => describeStepInfo(step, now)),
      ]),
    ),
  };
}

/** `GET /status/build/<id>/active` */
export async function answerActive(database: Database, build: BuildId): Promise<unknown> {
  return { active: await isUnfinished(database, build) };
}

/** `started`: runnable now, or once. */
type StepChoice = 'all' | 'started' | 'running';

function choose(steps: Iterable<SurveyedStep>, which: StepChoice): IteratorObject<SurveyedStep> {
  const chosen = Iterator.from(steps);
  if (which === 'all') return chosen;
  return chosen.filter(({ state }) =>
    which === 'running' ? state === 'leased' : state !== 'waiting',
  );
}

function describeMachines(sight: Sight): Record<string, unknown> {
  const now = sight.clock.now();
  const configuration = sight.configuration();
  return Object.fromEntries(
    [...seeMachines(sight)].map(([hostname, machine]) => [
      hostname,
      describeMachine(machine, configuration, now),
    ]),
  );
}

async function describeJobsets(sight: Sight): Promise<Record<string, unknown>> {
  const jobsets = await seeJobsets(sight);
  return Object.fromEntries(
    jobsets.map(({ id, project, name, shares, usedSeconds }) => [
      `${project}:${name}`,
      { id, projectName: project, name, seconds: Math.round(usedSeconds), shares },
    ]),
  );
}
