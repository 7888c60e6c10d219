import manifest from '#package.json' with { type: 'json' };
import { z } from 'zod';
import type { Answer } from '../../../api/contract.ts';
import { countQueues } from '../../../database/api/count-queues.ts';
import { listRunningDerivations } from '../../../database/api/list-running-derivations.ts';
import { findReadable } from '../../../database/api/find-readable.ts';
import { describeError } from '../../../fault/fault.ts';
import { askRunner } from '../../runner/ask-runner.ts';
import { describeBuilders } from '../../runner/builders.ts';
import type { Reader } from '../../../database/api/readable.ts';
import type { Sources } from '../../routes.ts';
import { askForProvisioners } from '../../runner/provisioners.ts';
import type { Call, Handlers } from '../handlers.ts';
import { orUnreachable } from '../unreachable.ts';

export const farmHandlers: Handlers<
  'readHealth' | 'listBuilders' | 'listProvisioners' | 'listQueues' | 'listShares'
> = {
  async readHealth(_, { sources }) {
    await sources.database.query('select 1');
    return { version: manifest.version, database: 'ok', runner: await feelRunner(sources) };
  },

  listBuilders: async (_, { sources, reader }) => ({ items: await listBuilders(sources, reader) }),

  async listProvisioners(_, { sources }) {
    const { provisioners } = await orUnreachable(sources, askForProvisioners);
    return { items: provisioners };
  },

  async listQueues(_, { sources, reader }) {
    return { items: await countQueues(sources.database, reader) };
  },

  async listShares(_, call) {
    const { jobsets } = sharesSchema.parse(await askForJson(call.sources, '/status/jobsets'));
    const items: Answer<'listShares'>['items'] = [];
    for (const { projectName: project, name: jobset, seconds, shares } of Object.values(jobsets)) {
      const found = await findReadable(call.sources.database, call.reader, {
        type: 'jobset',
        names: [project, jobset],
      });
      if (found !== null) items.push({ project, jobset, shares, usedSeconds: seconds });
    }
    return { items };
  },
};

/** Machines by name; of what they are at only what the reader may know. Throws `ApiError` where the runner is away. */
export async function listBuilders(
  sources: Pick<Sources, 'database' | 'runnerUrl' | 'logger'>,
  reader: Reader,
): Promise<Answer<'listBuilders'>['items']> {
  const [known, machines, standings] = await Promise.all([
    listRunningDerivations(sources.database, reader),
    askForJson(sources, '/status/machines'),
    // Hydra's runner has nothing there.
    askForJson(sources, '/builders').catch(() => null),
  ]);
  return describeBuilders(machines, standings).map((builder) => ({
    ...builder,
    derivations: builder.derivations.filter((derivation) => known.includes(derivation)),
  }));
}

async function feelRunner({
  runnerUrl,
  logger,
}: Call['sources']): Promise<Answer<'readHealth'>['runner']> {
  if (runnerUrl === undefined) return 'unknown';
  try {
    await askRunner(runnerUrl, '/status/machines');
    return 'ok';
  } catch (error) {
    logger.debug({ runnerUrl, error: describeError(error) }, 'the runner does not answer');
    return 'unreachable';
  }
}

/** The runner's answer; throws `ApiError` where it gives none. */
const askForJson = (
  sources: Pick<Sources, 'runnerUrl' | 'logger'>,
  path: string,
): Promise<unknown> =>
  orUnreachable(sources, async (runnerUrl) => JSON.parse(await askRunner(runnerUrl, path)));

const sharesSchema = z.object({
  jobsets: z.record(
    z.string(),
    z.object({
      projectName: z.string(),
      name: z.string(),
      seconds: z.number(),
      shares: z.number(),
    }),
  ),
});
