import { findMembers } from '../../../database/api/find-members.ts';
import { setShares } from '../../../database/api/set-shares.ts';
import { bumpBuilds } from '../../../database/builds/bump-builds.ts';
import { cancelBuilds } from '../../../database/builds/cancel-builds.ts';
import { restartBuilds } from '../../../database/builds/restart-builds.ts';
import { describeError } from '../../../fault/fault.ts';
import { secondsNow } from '../introduce.ts';
import { tellRunner } from '../../builds/ask-runner.ts';
import { ApiError } from '../../http/api-error.ts';
import type { Call, Handlers } from '../handlers.ts';
import { projectHandlers } from './projects.ts';

export const actionHandlers: Handlers<
  | 'bumpBuild'
  | 'cancelBuild'
  | 'restartBuild'
  | 'bumpEvaluation'
  | 'cancelEvaluation'
  | 'restartEvaluation'
  | 'holdBuilder'
  | 'setShares'
> = {
  bumpBuild: ({ address: { build } }, call) => bump(call, [build]),
  cancelBuild: ({ address: { build } }, call) => cancel(call, [build]),
  restartBuild: ({ address: { build } }, call) => restart(call, [build]),

  bumpEvaluation: async ({ address: { evaluation } }, call) =>
    bump(call, await findMembers(call.sources.database, evaluation, 'unfinished')),

  cancelEvaluation: async ({ address: { evaluation } }, call) =>
    cancel(call, await findMembers(call.sources.database, evaluation, 'unfinished')),

  restartEvaluation: async ({ address: { evaluation }, body: { which } }, call) =>
    restart(call, await findMembers(call.sources.database, evaluation, which)),

  async holdBuilder({ address: { name: hostname }, body: { hold } }, { sources }) {
    const { runnerUrl, logger } = sources;
    try {
      if (runnerUrl === undefined) throw new Error('this server was told of no runner');
      await tellRunner(runnerUrl, '/machines/hold', { hostname, hold, lasts: true });
      return {};
    } catch (error) {
      logger.warn({ runnerUrl, error: describeError(error) }, 'the runner did not take a hold');
      throw new ApiError(503, 'runner-unreachable', 'The runner does not answer, or refuses.');
    }
  },

  async setShares({ address, body: { schedulingShares } }, call) {
    await setShares(call.sources.database, address, schedulingShares);
    return projectHandlers.readJobset({ address, query: {}, body: undefined }, call);
  },
};

type Changed = { builds: number[] };

const bump = async ({ sources }: Call, builds: readonly number[]): Promise<Changed> => ({
  builds: await bumpBuilds(sources.database, builds, secondsNow()),
});

const cancel = async ({ sources }: Call, builds: readonly number[]): Promise<Changed> => ({
  builds: await cancelBuilds(sources.database, builds, secondsNow()),
});

const restart = async ({ sources }: Call, builds: readonly number[]): Promise<Changed> => ({
  builds: await restartBuilds(sources.database, builds),
});
