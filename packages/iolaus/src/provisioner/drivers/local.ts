import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { builderParameters, builderToml } from '../user-data/builder-settings.ts';
import type { Machine } from '../plan/observation.ts';
import { DriverError } from './driver.ts';
import type { Driver, Order } from './driver.ts';
import { endLocalProcess, findLocalProcess, startLocalProcess } from './local-process.ts';
import type { SettingsOf } from './settings.ts';

const recordSchema = z.object({
  owner: z.string(),
  pool: z.string(),
  offer: z.string(),
  generation: z.string(),
  createdAt: z.number(),
});

/** From the folder to the process: what has none by then never will. */
const startMilliseconds = 10_000;

/**
 * Builders that are processes of this machine: for trying out, for examples and for tests. A machine is a folder with
 * what it is marked with; a folder without a living process is no machine, and is cleared away.
 */
export function openLocalDriver(
  settings: SettingsOf<'local'>,
  { owner, now }: { readonly owner: string; readonly now: () => number },
): Driver {
  const directory = resolve(settings.directory);
  const folderOf = (name: string): string => join(directory, name);

  const look = async (name: string): Promise<Machine | null> => {
    const folder = folderOf(name);
    const text = await readFile(join(folder, 'machine.json'), 'utf8').catch(() => null);
    if (text === null) return null;
    const record = recordSchema.parse(JSON.parse(text));
    if (record.owner !== owner) return null;
    const pid = await findLocalProcess(folder);
    if (pid === null) {
      if (now() - record.createdAt > startMilliseconds) await clear(folder);
      return null;
    }
    const { pool, offer, generation, createdAt } = record;
    return {
      name,
      handle: String(pid),
      pool,
      offer,
      generation,
      createdAt,
      state: 'running',
      isInterrupted: false,
    };
  };

  return {
    async list() {
      await mkdir(directory, { recursive: true });
      const names = (await readdir(directory)).filter((name) => !name.startsWith('.'));
      const machines = await Promise.all(names.map(look));
      return machines.filter((machine) => machine !== null);
    },
    async create(order) {
      const folder = folderOf(order.name);
      await prepareFolder(directory, order, now());
      const files = { config: join(folder, 'builder.toml'), token: join(folder, 'token') };
      const state = ['--state-dir', join(folder, 'state')];
      await startLocalProcess(folder, ['builder', ...builderParameters(order, files), ...state]);
    },
    async destroy({ name }) {
      const folder = folderOf(name);
      if ((await look(name)) === null) return;
      await endLocalProcess(folder);
      const pid = await findLocalProcess(folder);
      if (pid !== null) throw new DriverError('transient', `process ${pid} does not end`);
      await clear(folder);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

const clear = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 3 });

/** The folder is there with its mark, or not at all. */
async function prepareFolder(directory: string, order: Order, createdAt: number): Promise<void> {
  const folder = join(directory, order.name);
  const draft = join(directory, `.${order.name}-${process.pid}`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const { owner, offer, generation, pool } = order;
  const record = { owner, pool: pool.name, offer: offer.name, generation, createdAt };
  await writeFile(join(draft, 'machine.json'), JSON.stringify(record));
  await writeFile(join(draft, 'builder.toml'), builderToml(order));
  await writeFile(join(draft, 'token'), order.join.token ?? '', { mode: 0o600 });
  try {
    await rename(draft, folder);
  } catch (error) {
    // It is there from an earlier call.
    await rm(draft, { recursive: true, force: true });
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}
