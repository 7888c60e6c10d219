import { parseCount, parseParameters } from '../command.ts';
import { Fault } from '../../fault/fault.ts';
import type { Command } from '../command.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';

type Change = {
  readonly name: 'bump' | 'cancel' | 'restart';
  readonly operation: 'bumpBuild' | 'cancelBuild' | 'restartBuild';
  readonly done: string;
  readonly summary: string;
};

export const bumpCommand = changeCommand({
  ...{ name: 'bump', operation: 'bumpBuild', done: 'bumped' },
  summary: 'puts builds before all others',
});

export const cancelCommand = changeCommand({
  ...{ name: 'cancel', operation: 'cancelBuild', done: 'cancelled' },
  summary: 'cancels builds that are not finished',
});

export const restartCommand = changeCommand({
  ...{ name: 'restart', operation: 'restartBuild', done: 'restarted' },
  summary: 'queues finished builds again',
});

function changeCommand({ name, operation, done, summary }: Change): Command {
  return {
    help: `iolaus ${name} BUILD...: ${summary}

  ${remoteHelp}`,
    async run(parameters) {
      const { values, positionals } = parseParameters(name, parameters, remoteOptions);
      if (positionals.length === 0) {
        throw new Fault('bad-usage', `iolaus ${name} takes numbers of builds`, {
          remedy: `Name them: iolaus ${name} 123.`,
        });
      }
      const wanted = positionals.map((text) => parseCount('BUILD', text, 1));
      await withServer(values.url, async (client) => {
        for (const build of wanted) {
          const { builds } = await client.ask(operation, { address: { build } });
          const said = builds.includes(build) ? done : 'left as it was';
          console.log(`build ${build} ${said}`);
        }
      });
      return 0;
    },
  };
}
