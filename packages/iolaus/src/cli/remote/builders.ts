import type { ApiClient } from '../../api/client.ts';
import type { CommandEntry, CommandGroup } from '../command-group.ts';
import { onlyPositional, parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';

/** What is done with a farm's machines from afar. */
export const buildersCommands: CommandGroup = {
  words: 'iolaus builders',
  purpose: "hold a farm's machines back, let them go on, end their quarantine",
  entries: [
    entry('drain', {
      summary: 'gives a machine nothing more: it finishes what it has begun',
      done: 'finishes what it has begun, and gets nothing more',
      act: hold('draining'),
    }),
    entry('pause', {
      summary: 'gives a machine nothing for now',
      done: 'gets nothing more for now',
      act: hold('paused'),
    }),
    entry('resume', {
      summary: 'lets a machine go on',
      done: 'gets work again',
      act: hold(null),
    }),
    entry('release', {
      summary: 'ends the quarantine of a machine: what it did wrong is forgotten',
      done: 'is in no quarantine any more',
      act: (client, name) => client.ask('releaseBuilder', { address: { name } }),
    }),
  ],
};

type Deed = {
  readonly summary: string;
  /** What is said of the machine then. */
  readonly done: string;
  readonly act: (client: ApiClient, hostname: string) => Promise<object>;
};

function hold(wanted: 'draining' | 'paused' | null): Deed['act'] {
  return (client, name) => client.ask('holdBuilder', { address: { name }, body: { hold: wanted } });
}

function entry(name: string, deed: Deed): CommandEntry {
  return { name, summary: deed.summary, load: async () => builderCommand(name, deed) };
}

const builderCommand = (name: string, { summary, done, act }: Deed): Command => ({
  help: `iolaus builders ${name} HOSTNAME: ${summary}

  ${remoteHelp}`,
  async run(parameters) {
    const { values, positionals } = parseParameters(`builders ${name}`, parameters, remoteOptions);
    const remedy = '`iolaus ls builders` lists them.';
    const hostname = onlyPositional(`builders ${name}`, 'one machine', positionals, remedy);
    await withServer(values.url, (client) => act(client, hostname));
    console.log(`${hostname} ${done}`);
    return 0;
  },
});
