import { forgetFailures } from '../../database/steps/failed-paths.ts';
import type { Bind } from '../../protocol/bind.ts';
import type { Runner } from '../assembly/assemble.ts';
import type { RunnerDoors } from '../doors.ts';
import type { Publishing } from '../observation/sight.ts';
import { openChanges } from './changes.ts';
import { openMetrics } from './metrics/metrics.ts';
import { orderRoutes } from './order-routes.ts';
import { serveRest } from './rest-server.ts';
import type { RestServer, RestServerOptions } from './rest-server.ts';
import { restRoutes } from './routes.ts';

/** Serves a runner's status, metrics and what can be changed. Throws `Fault` if it cannot listen there. */
export function serveStatus(
  runner: Runner,
  options: Pick<RestServerOptions, 'tokens' | 'emergencyTokens'> & {
    readonly bind: Bind;
    readonly doors: Pick<RunnerDoors, 'database' | 'store' | 'clock' | 'logger'>;
    readonly publishing: Publishing;
  },
): Promise<RestServer> {
  const { doors, publishing, ...listening } = options;
  const { database, store, clock, logger } = doors;
  const sight = { ...runner.sight, publishing };
  const changes = openChanges({
    database,
    store,
    take: (build) => runner.take(build),
    now: () => Math.floor(clock.now() / 1_000),
  });
  const metrics = openMetrics(runner.observatory.registry, sight, () => countRefusals(runner));
  const orders = orderRoutes({
    give: (order) => runner.give(order),
    standing: () => sight.farm.survey.orders(),
    forgetFailures: (which) => forgetFailures(database, which),
  });
  const routes = [...restRoutes(sight, metrics, changes), ...orders];
  return serveRest({ ...listening, routes, logger });
}

/** What builders may not do, and events that made no sense to the farm. */
function countRefusals({ refusals, view }: Runner): Map<string, number> {
  const events = view.refusals().entries();
  return new Map<string, number>([
    ...refusals,
    ...events.map(([reason, count]): [string, number] => [`event-${reason}`, count]),
  ]);
}
