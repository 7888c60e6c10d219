import { z } from 'zod';
import type { PoolConfiguration } from '../configuration.ts';
import { offersOf } from '../plan/policy.ts';
import { cloudInit } from '../user-data/cloud-init.ts';
import { DriverError } from './driver.ts';
import type { Driver } from './driver.ts';
import { runProgram } from './run-program.ts';
import type { SettingsOf } from './settings.ts';

const machineSchema = z.object({
  name: z.string().min(1).max(255),
  handle: z.string().min(1).max(1_000),
  owner: z.string(),
  pool: z.string(),
  offer: z.string().default('default'),
  generation: z.string().default(''),
  state: z.enum(['starting', 'running', 'stopping', 'stopped', 'failed']),
  /** Milliseconds since the epoch. */
  createdAt: z.number().nonnegative(),
  isInterrupted: z.boolean().default(false),
});

const listSchema = z.object({ machines: z.array(machineSchema) });
const pricesSchema = z.object({ prices: z.record(z.string(), z.number().nonnegative()) });

/**
 * Any program: it is run with a verb (`list`, `create`, `destroy`, `stop`, `start`, `prices`), JSON on its standard input
 * and JSON on its output. What it lists of other owners is none of ours.
 */
export function openExecDriver(
  settings: SettingsOf<'exec'>,
  { owner }: { readonly owner: string },
): Driver {
  const { command, timeout, environment } = settings;
  const run = (verb: string, input: unknown): Promise<string> =>
    runProgram([...command, verb], { input: JSON.stringify(input), timeout, environment });
  const ask = async <Schema extends z.ZodType>(
    verb: string,
    input: unknown,
    schema: Schema,
  ): Promise<z.output<Schema>> => parseAnswer(command, verb, await run(verb, input), schema);
  const tell = async (verb: string, machine: object): Promise<void> => {
    await run(verb, { owner, machine });
  };
  return {
    async list() {
      const { machines } = await ask('list', { owner }, listSchema);
      return machines
        .filter((machine) => machine.owner === owner)
        .map(({ owner: _ours, ...machine }) => machine);
    },
    async create(order) {
      const { pool, ...rest } = order;
      await run('create', { ...rest, pool: pool.name, settings: pool, userData: cloudInit(order) });
    },
    destroy: (machine) => tell('destroy', machine),
    stop: (machine) => tell('stop', machine),
    start: (machine) => tell('start', machine),
    async prices(pool: PoolConfiguration) {
      const { prices } = await ask('prices', { owner, offers: offersOf(pool) }, pricesSchema);
      return new Map(Object.entries(prices));
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function parseAnswer<Schema extends z.ZodType>(
  [program = '']: readonly string[],
  verb: string,
  text: string,
  schema: Schema,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DriverError('configuration', `${program} ${verb} prints no JSON`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = z.prettifyError(parsed.error).replaceAll('\n', ' ');
  throw new DriverError('configuration', `${program} ${verb} prints nonsense: ${wrong}`);
}
