import { findMembers } from '../../../database/api/find-members.ts';
import { bumpBuilds } from '../../../database/builds/bump-builds.ts';
import { cancelBuilds } from '../../../database/builds/cancel-builds.ts';
import { restartBuilds } from '../../../database/builds/restart-builds.ts';
import { secondsNow } from '../introduce.ts';
import type { Call, Handlers } from '../handlers.ts';

export const actionHandlers: Handlers<
  | 'bumpBuild'
  | 'cancelBuild'
  | 'restartBuild'
  | 'bumpEvaluation'
  | 'cancelEvaluation'
  | 'restartEvaluation'
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
