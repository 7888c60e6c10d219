import type { Command } from '../command.ts';
import { helpOfSeeds, simulateSeeds } from './simulate-seeds.ts';
import { helpOfExport, simulateExport } from './simulate-export.ts';
import { helpOfTrace, simulateTrace } from './simulate-trace.ts';

const help = `iolaus simulate: the real runner in a made-up world, or what a farm would have done with recorded work

${helpOfSeeds}

${helpOfTrace}

${helpOfExport}`;

export const simulateCommand: Command = { help, run };

function run(parameters: readonly string[]): Promise<number> {
  const names = new Set(parameters.map((parameter) => parameter.split('=')[0]));
  if (names.has('--trace')) return simulateTrace(parameters);
  return names.has('--export') ? simulateExport(parameters) : simulateSeeds(parameters);
}
