import type { ApiClient } from '../../api/client.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';
import { readSubject, subjectOptions } from './subject.ts';

export const emergencyCommand: Command = {
  help: `iolaus emergency BUILD... | --evaluation ID: lets builds go before everything else, with all that they need

  --evaluation ID   all builds of an evaluation, also those that come later
  --preempt         do not even wait for what is under way: stop that, and begin it again later
  --end             there is no emergency any more
  ${remoteHelp}

  iolaus emergency --evaluation 120 --preempt`,
  async run(parameters) {
    const { values, positionals } = parseParameters('emergency', parameters, {
      ...remoteOptions,
      ...subjectOptions,
      preempt: { type: 'boolean', default: false },
      end: { type: 'boolean', default: false },
    });
    const subject = readSubject('emergency', positionals, values.evaluation);
    const order = values.end ? 'end' : { preempts: values.preempt };
    const done = values.end ? 'waits for its turn again' : 'goes first';
    await withServer(values.url, async (client) => {
      if (subject.type === 'evaluation') {
        await orderEvaluation(client, subject.evaluation, order);
        console.log(`evaluation ${subject.evaluation} ${done}`);
        return;
      }
      for (const build of subject.builds) {
        await orderBuild(client, build, order);
        console.log(`build ${build} ${done}`);
      }
    });
    return 0;
  },
};

type Order = 'end' | { readonly preempts: boolean };

const orderBuild = (client: ApiClient, build: number, order: Order): Promise<object> =>
  order === 'end'
    ? client.ask('endBuildEmergency', { address: { build } })
    : client.ask('declareBuildEmergency', { address: { build }, body: order });

const orderEvaluation = (client: ApiClient, evaluation: number, order: Order): Promise<object> =>
  order === 'end'
    ? client.ask('endEvaluationEmergency', { address: { evaluation } })
    : client.ask('declareEvaluationEmergency', { address: { evaluation }, body: order });
