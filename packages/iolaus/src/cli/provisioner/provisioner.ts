import { Fault } from '../../fault/fault.ts';
import type { Command } from '../command.ts';

const help = `iolaus provisioner: starts build machines when there is work for them, and ends them when there is none

  iolaus provisioner --config FILE
      looks after the machines until it is told to stop; SIGHUP makes it read the file again
  iolaus provisioner plan --config FILE [--json]
      what it would do now, and why; nothing is done
  iolaus provisioner sweep --config FILE [--remove]
      machines with our mark that no pool knows; --remove ends those that have no builder
  iolaus provisioner convert FILE
      reads the configuration of hydra-provisioner, a Nix expression or what nix-instantiate --eval --strict --json makes of
      it, and prints ours

  -c, --config FILE   TOML (docs/provisioner.md explains it)

Credentials come from files that are named there, or as the provider's own tools find them.`;

type Run = (parameters: readonly string[]) => Promise<number>;

const verbs: Readonly<Record<string, () => Promise<Run>>> = {
  plan: async () => (await import('./plan.ts')).printPlan,
  sweep: async () => (await import('./sweep.ts')).sweep,
  convert: async () => (await import('./convert.ts')).convert,
};

/** `iolaus provisioner`: the loop itself, and what a person asks of it. */
export const provisionerCommand: Command = {
  help,
  words: Object.keys(verbs),
  async run(parameters) {
    const [verb = '', ...rest] = parameters;
    const load = verbs[verb];
    if (load !== undefined) return (await load())(rest);
    if (verb === '' || verb.startsWith('-')) {
      return (await import('./run.ts')).runProvisioner(parameters);
    }
    throw new Fault('bad-usage', `there is no command '${verb}' in \`iolaus provisioner\``, {
      remedy: `There are ${Object.keys(verbs).join(', ')}; \`iolaus provisioner --help\` explains them.`,
    });
  },
};
