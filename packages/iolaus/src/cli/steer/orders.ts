import { z } from 'zod';
import { parseParameters, refusePositionals } from '../command.ts';
import type { Command } from '../command.ts';
import { printTable } from '../terminal/table.ts';
import { askRunner, runnerOptions, runnerOptionsHelp } from './ask-runner.ts';

const help = `iolaus steer orders: lists what people have asked of a running farm

${runnerOptionsHelp}`;

const orders = z.object({
  emergencies: z.array(z.object({ subject: z.string(), id: z.number(), preempts: z.boolean() })),
  holds: z.array(z.object({ hostname: z.string(), hold: z.string() })),
});

export const ordersCommand: Command = { help, run };

async function run(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('steer orders', parameters, runnerOptions);
  refusePositionals('steer orders', positionals);
  const { emergencies, holds } = orders.parse(await askRunner(values, '/orders'));
  const rows = [
    ...emergencies.map(({ subject, id, preempts }) => [
      `${subject} ${id}`,
      preempts ? 'goes first at any cost' : 'goes first',
    ]),
    ...holds.map(({ hostname, hold }) => [hostname, hold]),
  ];
  console.log(rows.length === 0 ? 'Nobody has asked for anything.' : printTable(rows));
  return 0;
}
