import { Fault } from '../../fault/fault.ts';
import { parseCount, parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';

export const sharesCommand: Command = {
  help: `iolaus shares PROJECT:JOBSET NUMBER: sets what a jobset is due of the machines, beside the others

  \`iolaus ls shares\` lists them.
  ${remoteHelp}

  iolaus shares nixpkgs:trunk 200`,
  async run(parameters) {
    const { values, positionals } = parseParameters('shares', parameters, remoteOptions);
    const [name = '', number = '', ...others] = positionals;
    const [, project, jobset] = /^([^:]+):([^:]+)$/.exec(name) ?? [];
    if (project === undefined || jobset === undefined || others.length > 0) {
      throw new Fault('bad-usage', 'iolaus shares takes a jobset and a number', {
        remedy: 'Such as: iolaus shares nixpkgs:trunk 200.',
      });
    }
    const schedulingShares = parseCount('NUMBER', number, 1);
    await withServer(values.url, (client) =>
      client.ask('setShares', { address: { project, jobset }, body: { schedulingShares } }),
    );
    console.log(`${name} has ${schedulingShares} shares`);
    return 0;
  },
};
