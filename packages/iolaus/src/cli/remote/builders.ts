import { Fault } from '../../fault/fault.ts';
import type { ApiClient } from '../../api/client.ts';
import type { CommandEntry, CommandGroup } from '../command-group.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';

/** What is done with a farm's machines from afar. */
export const buildersCommands: CommandGroup = {
  words: 'iolaus builders',
  purpose: "hold a farm's machines back, let them go on, end their quarantine",
  entries: [
    hold('drain', 'draining', 'gives a machine nothing more: it finishes what it has'),
    hold('pause', 'paused', 'gives a machine nothing for now'),
    hold('resume', null, 'lets a machine go on'),
    entry(
      'release',
      'ends the quarantine of a machine: what it did wrong is forgotten',
      (client, name) => client.ask('releaseBuilder', { address: { name } }),
    ),
  ],
};

function hold(name: string, wanted: 'draining' | 'paused' | null, summary: string): CommandEntry {
  return entry(name, summary, (client, builder) =>
    client.ask('holdBuilder', { address: { name: builder }, body: { hold: wanted } }),
  );
}

type Act = (client: ApiClient, hostname: string) => Promise<object>;

function entry(name: string, summary: string, act: Act): CommandEntry {
  return { name, summary, load: async () => builderCommand(name, summary, act) };
}

const builderCommand = (name: string, summary: string, act: Act): Command => ({
  help: `iolaus builders ${name} HOSTNAME: ${summary}

  ${remoteHelp}`,
  async run(parameters) {
    const { values, positionals } = parseParameters(`builders ${name}`, parameters, remoteOptions);
    const [hostname] = positionals;
    if (hostname === undefined || positionals.length > 1) {
      throw new Fault('bad-usage', `iolaus builders ${name} takes one machine`, {
        remedy: '`iolaus ls builders` lists them.',
      });
    }
    await withServer(values.url, (client) => act(client, hostname));
    return 0;
  },
});
