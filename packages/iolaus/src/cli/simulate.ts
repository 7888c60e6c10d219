import type { Command } from './command.ts';
import { helpOfSeeds, simulateSeeds } from './simulate-seeds.ts';

const help = `iolaus simulate: the real runner in a made-up world

${helpOfSeeds}`;

export const simulateCommand: Command = { help, run: simulateSeeds };
