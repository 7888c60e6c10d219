import { Fault } from '../../fault/fault.ts';
import type { CommandGroup } from '../command-group.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';

/** What is done with a farm's machines from afar. */
export const buildersCommands: CommandGroup = {
  words: 'iolaus builders',
  purpose: "hold a farm's machines back, or let them go on",
  entries: [
    hold('drain', 'draining', 'gives a machine nothing more: it finishes what it has'),
    hold('pause', 'paused', 'gives a machine nothing for now'),
    hold('resume', null, 'lets a machine go on'),
  ],
};

function hold(name: string, wanted: 'draining' | 'paused' | null, summary: string) {
  return {
    ...{ name, summary },
    load: async (): Promise<Command> => holdCommand(name, wanted, summary),
  };
}

const holdCommand = (
  name: string,
  wanted: 'draining' | 'paused' | null,
  summary: string,
): Command => ({
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
    await withServer(values.url, (client) =>
      client.ask('holdBuilder', { address: { name: hostname }, body: { hold: wanted } }),
    );
    return 0;
  },
});
