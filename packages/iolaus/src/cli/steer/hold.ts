import { Fault } from '../../fault/fault.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { askRunner, runnerOptions, runnerOptionsHelp } from './ask-runner.ts';

/** Until somebody releases the machine, also when the runner is restarted. */
export const holdCommand: Command = {
  help: `iolaus steer hold HOSTNAME: gives a machine no more work, until it is released

  --drain                also take back what it has not begun
${runnerOptionsHelp}`,
  run: async (parameters) => {
    const { values, positionals } = parseParameters('steer hold', parameters, {
      drain: { type: 'boolean', default: false },
      ...runnerOptions,
    });
    const hostname = onlyHost('hold', positionals);
    const hold = values.drain ? 'draining' : 'paused';
    await askRunner(values, '/machines/hold', { hostname, hold, lasts: true });
    console.log(`${hostname} gets no more work.`);
    return 0;
  },
};

export const releaseCommand: Command = {
  help: `iolaus steer release HOSTNAME: gives a machine work again

${runnerOptionsHelp}`,
  run: async (parameters) => {
    const { values, positionals } = parseParameters('steer release', parameters, runnerOptions);
    const hostname = onlyHost('release', positionals);
    await askRunner(values, '/machines/hold', { hostname, hold: null });
    console.log(`${hostname} gets work again.`);
    return 0;
  },
};

function onlyHost(command: string, [hostname, ...others]: readonly string[]): string {
  if (hostname !== undefined && others.length === 0) return hostname;
  throw new Fault('bad-usage', `iolaus steer ${command} needs the name of one host`, {
    remedy: '`iolaus steer orders` lists those that are held.',
  });
}
