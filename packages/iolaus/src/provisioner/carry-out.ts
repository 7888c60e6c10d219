import { describeError } from '../fault/fault.ts';
import type { Logger } from '../logging/logger.ts';
import type { RunnerDoor } from './ask-runner.ts';
import type { ProvisionerConfiguration } from './configuration.ts';
import { DriverError } from './drivers/driver.ts';
import type { Driver, JoinDocument } from './drivers/driver.ts';
import type { DriverFailure, Machine, Outcome } from './plan/observation.ts';
import { generationOf } from './plan/generation.ts';
import type { Wish } from './plan/wish.ts';

export type Hands = {
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly runner: Pick<RunnerDoor, 'hold'>;
  readonly logger: Logger;
  /** What a new machine's builder is told. */
  readonly joinDocument: (wish: Extract<Wish, { readonly type: 'create' }>) => JoinDocument;
};

/** Does what is wished, all at once. Never rejects; what a driver answers is an outcome for the next plan. */
export async function carryOut(
  wish: Wish,
  configuration: ProvisionerConfiguration,
  hands: Hands,
): Promise<Outcome | null> {
  const { type, name, because } = wish;
  hands.logger.info({ machine: name, because }, type);
  try {
    await act(wish, configuration, hands);
  } catch (error) {
    const message = describeError(error);
    hands.logger.warn({ machine: name, error: message }, `could not ${type}`);
    if (type !== 'create') return { type: 'failed', name, message };
    return { type: 'create-failed', name, failure: failureOf(error), message };
  }
  if (type === 'create') return { type: 'created', name };
  return type === 'destroy' ? { type: 'destroyed', name } : null;
}

async function act(
  wish: Wish,
  configuration: ProvisionerConfiguration,
  { drivers, runner, joinDocument }: Hands,
): Promise<void> {
  switch (wish.type) {
    case 'drain':
    case 'undrain':
      return runner.hold(wish.name, wish.type === 'drain');
    case 'create': {
      const pool = configuration.pools.find(({ name }) => name === wish.pool);
      if (pool === undefined) return;
      const { name, offer } = wish;
      const generation = generationOf(pool);
      const order = { name, offer, pool, generation, owner: configuration.owner };
      return driverNamed(drivers, pool.driver).create({ ...order, join: joinDocument(wish) });
    }
    case 'destroy':
      await driverNamed(drivers, wish.driver).destroy(wish.machine);
      // Its name comes never again; the runner need not keep it.
      return runner.hold(wish.name, false);
    case 'start':
    case 'stop':
      return switchMachine(driverNamed(drivers, wish.driver), wish.type, wish.machine);
  }
}

async function switchMachine(
  driver: Driver,
  verb: 'start' | 'stop',
  machine: Machine,
): Promise<void> {
  const done = verb === 'start' ? driver.start?.(machine) : driver.stop?.(machine);
  if (done === undefined) throw new DriverError('configuration', `its driver cannot ${verb} it`);
  await done;
}

function driverNamed(drivers: ReadonlyMap<string, Driver>, name: string): Driver {
  const driver = drivers.get(name);
  if (driver === undefined) throw new DriverError('configuration', `there is no driver ${name}`);
  return driver;
}

/** An error that a driver did not expect tells nothing of what was done. */
const failureOf = (error: unknown): DriverFailure =>
  error instanceof DriverError ? error.failure : 'unknown';
