import type { Answer } from '../../api/contract.ts';
import type { ApiClient } from '../../api/client.ts';
import { onlyPositional, parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { printTable } from '../terminal/table.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';

type Explanation = Answer<'explainBuild'>;

export const whyCommand: Command = {
  help: `iolaus why BUILD | DERIVATION: why a build or a step waits, and when it will go on

  BUILD             its number
  DERIVATION        the path of an unfinished step, or its base name
  --json            as JSON
  ${remoteHelp}

  iolaus why 4711`,
  async run(parameters) {
    const { values, positionals } = parseParameters('why', parameters, {
      ...remoteOptions,
      json: { type: 'boolean', default: false },
    });
    const remedy = '`iolaus ls builds --status queued` lists builds that wait.';
    const subject = onlyPositional('why', 'one build or derivation', positionals, remedy);
    const told = await withServer(values.url, (client) => explain(client, subject));
    console.log(values.json ? JSON.stringify(told) : print(told));
    return 0;
  },
};

const explain = (client: ApiClient, subject: string): Promise<Explanation> =>
  /^\d+$/.test(subject)
    ? client.ask('explainBuild', { address: { build: subject } })
    : client.ask('explainStep', {
        address: { derivation: subject.slice(subject.lastIndexOf('/') + 1) },
      });

function print({ sentence, starts, ends, machines }: Explanation): string {
  return [
    sentence,
    ...(starts === null ? [] : [`It starts ${printSpan(starts)}.`]),
    ...(ends === null ? [] : [`It ends ${printSpan(ends)}.`]),
    ...(machines.length === 0
      ? []
      : ['', printTable(machines.map(({ name, sentence: why }) => [name, why]))]),
  ].join('\n');
}

const printSpan = ({ earliest, latest }: NonNullable<Explanation['starts']>): string => {
  if (latest === earliest) return `at ${earliest}`;
  return latest === null ? `not before ${earliest}` : `between ${earliest} and ${latest}`;
};
