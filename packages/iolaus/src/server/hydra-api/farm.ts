import { z } from 'zod';
import { listHydraBuilds } from '../../database/hydra-api/list-builds.ts';
import { search } from '../../database/hydra-api/search.ts';
import { describeError } from '../../fault/fault.ts';
import { askRunner } from '../runner/ask-runner.ts';
import { answerJson, answerJsonText } from '../http/answer.ts';
import { ApiError } from '../http/api-error.ts';
import { readNumber } from '../http/parameters.ts';
import { jsonList } from './answers.ts';
import type { App, HydraApiSources } from './routes.ts';

export function addFarmRoutes(app: App, sources: HydraApiSources): void {
  app.get('/queue-runner-status', async (context) => {
    if (sources.runnerUrl === undefined) return answerJson(context, { status: 'unknown' });
    const status = await askOrNull(sources, '/status');
    return status === null
      ? answerJson(context, { status: 'unreachable' })
      : answerJsonText(context, status);
  });

  app.get('/machines', async (context) => {
    const answer = await askOrNull(sources, '/status/machines');
    return answerJson(context, answer === null ? {} : describeMachines(JSON.parse(answer)));
  });

  app.get('/search', async (context) => {
    const text = readSearch(context.req.query('query'));
    const limit = readNumber(context.req.query(), 'limit', { least: 1, most: 50 }) ?? 10;
    const { database } = sources;
    const [projects, jobsets, jobs, builds, buildsdrv] = await Promise.all([
      search(database, 'projects', text, limit),
      search(database, 'jobsets', text, limit),
      search(database, 'jobs', text, limit),
      listHydraBuilds(database, 'byOutput', text),
      listHydraBuilds(database, 'byDerivation', text),
    ]);
    const found = Object.entries({ projects, jobsets, jobs, builds, buildsdrv });
    const members = found.map(([name, items]) => `"${name}":${jsonList(items)}`);
    return answerJsonText(context, `{${members.join(',')}}`);
  });
}

async function askOrNull(
  { runnerUrl, logger }: HydraApiSources,
  path: string,
): Promise<string | null> {
  if (runnerUrl === undefined) return null;
  try {
    return await askRunner(runnerUrl, path);
  } catch (error) {
    logger.debug({ path, error: describeError(error) }, 'the runner does not answer');
    return null;
  }
}

function readSearch(text: string | undefined): string {
  if (text !== undefined && /^[\w\-/.+]{1,200}$/.test(text)) return text;
  const right = 'letters, digits and any of “_-/.+”';
  throw new ApiError(400, 'bad-parameter', `Parameter “query” is what to look for: ${right}.`);
}

/** What is taken of a machine as the runner tells it; the rest of it is passed on. */
const machineSchema = z.looseObject({
  hostname: z.string(),
  systems: z.array(z.string()),
  supportedFeatures: z.array(z.string()).default([]),
  mandatoryFeatures: z.array(z.string()).default([]),
  totalMem: z.number().nullish(),
});

const machinesSchema = z.object({ machines: z.record(z.string(), machineSchema) });

/** Machines by host name, as Hydra's page of machines has them. */
function describeMachines(answer: unknown): Record<string, unknown> {
  const { machines } = machinesSchema.parse(answer);
  return Object.fromEntries(
    Object.values(machines).map((machine) => [machine.hostname, describeMachine(machine)]),
  );
}

const describeMachine = (machine: z.infer<typeof machineSchema>) => ({
  systemTypes: machine.systems,
  primarySystemType: machine.systems[0] ?? null,
  maxJobs: machine['maxJobs'],
  speedFactor: machine['speedFactor'],
  supportedFeatures: [...new Set([...machine.supportedFeatures, ...machine.mandatoryFeatures])],
  mandatoryFeatures: machine.mandatoryFeatures,
  hasCapacity: machine['hasCapacity'],
  hasDynamicCapacity: machine['hasDynamicCapacity'],
  hasStaticCapacity: machine['hasStaticCapacity'],
  score: machine['score'],
  stats: machine['stats'],
  memTotal: machine.totalMem ?? null,
});
