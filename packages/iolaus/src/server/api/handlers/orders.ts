import { z } from 'zod';
import type { Answer } from '../../../api/contract.ts';
import { findReadable } from '../../../database/api/find-readable.ts';
import { setShares } from '../../../database/api/set-shares.ts';
import { askRunner } from '../../runner/ask-runner.ts';
import type { Handlers } from '../handlers.ts';
import { giveOrder } from '../give-order.ts';
import { orUnreachable } from '../unreachable.ts';
import { projectHandlers } from './projects.ts';

export const orderHandlers: Handlers<
  | 'holdBuilder'
  | 'releaseBuilder'
  | 'setShares'
  | 'listEmergencies'
  | 'declareBuildEmergency'
  | 'endBuildEmergency'
  | 'declareEvaluationEmergency'
  | 'endEvaluationEmergency'
> = {
  holdBuilder: ({ address: { name: hostname }, body: { hold } }, { sources }) =>
    giveOrder(sources, '/machines/hold', { hostname, hold, lasts: true }),

  releaseBuilder: ({ address: { name: hostname } }, { sources }) =>
    giveOrder(sources, '/machines/pardon', { hostname }),

  async setShares({ address, body: { schedulingShares } }, call) {
    await setShares(call.sources.database, address, schedulingShares);
    return projectHandlers.readJobset({ address, query: {}, body: undefined }, call);
  },

  async listEmergencies(_, { sources, reader }) {
    const told = await orUnreachable(sources, (url) => askRunner(url, '/orders'));
    const items: Answer<'listEmergencies'>['items'] = [];
    for (const one of ordersSchema.parse(JSON.parse(told)).emergencies) {
      const asked = { type: one.subject, names: [one.id] };
      if ((await findReadable(sources.database, reader, asked)) !== null) items.push(one);
    }
    return { items };
  },

  declareBuildEmergency: ({ address: { build: id }, body: { preempts } }, { sources }) =>
    giveOrder(sources, '/emergencies/declare', { subject: 'build', id, preempts }),

  endBuildEmergency: ({ address: { build: id } }, { sources }) =>
    giveOrder(sources, '/emergencies/end', { subject: 'build', id }),

  declareEvaluationEmergency: ({ address: { evaluation: id }, body: { preempts } }, { sources }) =>
    giveOrder(sources, '/emergencies/declare', { subject: 'evaluation', id, preempts }),

  endEvaluationEmergency: ({ address: { evaluation: id } }, { sources }) =>
    giveOrder(sources, '/emergencies/end', { subject: 'evaluation', id }),
};

const ordersSchema = z.object({
  emergencies: z.array(
    z.object({ subject: z.enum(['build', 'evaluation']), id: z.number(), preempts: z.boolean() }),
  ),
});
