import type { BuildGroup, Overview } from '@iolaus/web/api';
import type { Database } from '../../database/connection/connection.ts';
import { countBuilds } from '../../database/reads/count-builds.ts';
import type { Logger } from '../../logging/logger.ts';
import { askMachines } from './machines.ts';
import { shareAnswers } from './share-answers.ts';

export type OverviewOptions = {
  readonly database: Database;
  readonly runnerUrl: string | undefined;
  readonly logger: Logger;
};

/** How the farm stands. However many ask, the database and the runner are asked now and then. */
export function createOverview(options: OverviewOptions): () => Promise<Overview> {
  const { database, runnerUrl, logger } = options;
  const counts = shareAnswers<Record<BuildGroup, number>>(() => countBuilds(database));
  const machines = shareAnswers(async () =>
    runnerUrl === undefined ? null : askMachines(runnerUrl, logger),
  );
  return async () => {
    const [builds, known] = await Promise.all([counts(), machines()]);
    return { builds, machines: known };
  };
}
