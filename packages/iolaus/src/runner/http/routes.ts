import { z } from 'zod';
import { buildId, jobsetId } from '../../farm/identity.ts';
import type { BuildId, JobsetId } from '../../farm/identity.ts';
import {
  answerActive,
  answerJobsets,
  answerMachines,
  answerQueues,
  answerStatus,
  listBuilds,
  listStepInfos,
  listSteps,
} from './status/answers.ts';
import { answerBuilders } from './status/builders.ts';
import { answerDemand } from './status/demand.ts';
import { queueRoutes } from './queue-routes.ts';
import type { Metrics } from './metrics/metrics.ts';
import { leadRequest, provisionerReport, Provisioners } from './provisioners.ts';
import { change, json, largestId, list, parseBody, read } from './route.ts';
import type { Route } from './route.ts';
import type { FullSight } from '../observation/sight.ts';
import { answerUploads } from './status/store-traffic.ts';

/** What can be changed over HTTP. Both throw `RestError` for what the client got wrong. */
export type Changes = {
  /** Queues a derivation of the runner's store as a build of the jobset. */
  submit(derivation: string, jobset: JobsetId): Promise<void>;
  /** Takes one build from the database into the farm now; nothing where it is finished or unknown. */
  take(build: BuildId): Promise<void>;
};

/** All endpoints of Hydra's queue runner, with its shapes. */
export function restRoutes(sight: FullSight, metrics: Metrics, changes: Changes): readonly Route[] {
  const provisioners = new Provisioners();
  return [
    read('/status', async () => json(await answerStatus(sight))),
    read('/status/machines', () => json(answerMachines(sight))),
    read('/status/jobsets', async () => json(await answerJobsets(sight))),
    read('/status/builds', () => list('builds', 'buildCount', listBuilds(sight))),
    read('/status/steps', () => list('steps', 'stepCount', listSteps(sight, 'all'))),
    read('/status/runnable', () => list('steps', 'stepCount', listSteps(sight, 'started'))),
    read('/status/queues', () => json(answerQueues(sight))),
    read('/status/queues/jobs', () => list('steps', 'stepCount', listStepInfos(sight, 'started'))),
    read('/status/queues/scheduled', () =>
      list('steps', 'stepCount', listStepInfos(sight, 'running')),
    ),
    read('/status/uploads', async () => json(await answerUploads(sight.publishing))),
    read('/status/build/:build/active', async ({ build }) =>
      json(await answerActive(sight.database, build)),
    ),
    ...queueRoutes(sight),
    // Not Hydra's: what a provisioner decides by.
    read('/demand', () => json(answerDemand(sight))),
    // Not Hydra's: what our own server tells people.
    read('/builders', () => json(answerBuilders(sight))),
    read('/provisioners', () => json({ provisioners: provisioners.list() })),
    change('change', 'PUT', '/provisioners', ({ body }) => {
      provisioners.note(parseBody(provisionerReport, body));
      return json({});
    }),
    change('change', 'POST', '/provisioners/lead', ({ body }) =>
      json(provisioners.lead(parseBody(leadRequest, body), sight.clock.now())),
    ),
    read('/metrics', async () => {
      const { contentType } = metrics;
      return { type: 'text', text: await metrics.render(), contentType };
    }),
    change('change', 'PUT', '/build', async ({ body }) => {
      const { drv, jobsetId: jobset } = parseBody(submission, body);
      await changes.submit(drv, jobsetId(jobset));
      return json({});
    }),
    change('change', 'POST', '/build_one', async ({ body }) => {
      await changes.take(buildId(parseBody(taking, body).buildId));
      return json({});
    }),
  ];
}

const id = z.number().int().min(1).max(largestId);
const submission = z.object({ drv: z.string().min(1), jobsetId: id });
const taking = z.object({ buildId: id });
