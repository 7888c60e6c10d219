import type { ApiClient } from '../../api/client.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';
import { readSubject, subjectOptions } from './subject.ts';

type Changed = { readonly builds: readonly number[] };

type Change = {
  readonly name: 'bump' | 'cancel' | 'restart';
  readonly done: string;
  readonly summary: string;
  /** What an evaluation's are. */
  readonly those: string;
  changeBuild(client: ApiClient, build: number): Promise<Changed>;
  changeEvaluation(client: ApiClient, evaluation: number): Promise<Changed>;
};

export const bumpCommand = changeCommand({
  name: 'bump',
  done: 'bumped',
  those: 'its unfinished builds',
  summary: 'puts builds before all others',
  changeBuild: (client, build) => client.ask('bumpBuild', { address: { build } }),
  changeEvaluation: (client, evaluation) =>
    client.ask('bumpEvaluation', { address: { evaluation } }),
});

export const cancelCommand = changeCommand({
  name: 'cancel',
  done: 'cancelled',
  those: 'its unfinished builds',
  summary: 'cancels builds that are not finished',
  changeBuild: (client, build) => client.ask('cancelBuild', { address: { build } }),
  changeEvaluation: (client, evaluation) =>
    client.ask('cancelEvaluation', { address: { evaluation } }),
});

export const restartCommand = changeCommand({
  name: 'restart',
  done: 'restarted',
  those: 'those of its builds that did not succeed',
  summary: 'queues finished builds again, and forgets that their derivations failed',
  changeBuild: (client, build) => client.ask('restartBuild', { address: { build } }),
  changeEvaluation: (client, evaluation) =>
    client.ask('restartEvaluation', { address: { evaluation }, body: { which: 'failed' } }),
});

function changeCommand(change: Change): Command {
  const { name, done, those, summary } = change;
  return {
    help: `iolaus ${name} BUILD... | --evaluation ID: ${summary}

  --evaluation ID   ${those}
  ${remoteHelp}

  iolaus ${name} 4711 4712`,
    async run(parameters) {
      const options = { ...remoteOptions, ...subjectOptions };
      const { values, positionals } = parseParameters(name, parameters, options);
      const subject = readSubject(name, positionals, values.evaluation);
      await withServer(values.url, async (client) => {
        if (subject.type === 'evaluation') {
          const { builds } = await change.changeEvaluation(client, subject.evaluation);
          console.log(`${builds.length} ${builds.length === 1 ? 'build' : 'builds'} ${done}`);
          return;
        }
        for (const build of subject.builds) {
          const { builds } = await change.changeBuild(client, build);
          console.log(`build ${build} ${builds.includes(build) ? done : 'left as it was'}`);
        }
      });
      return 0;
    },
  };
}
