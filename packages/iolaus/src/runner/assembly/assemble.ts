import { instant } from '../../farm/identity.ts';
import type { BuildId } from '../../farm/identity.ts';
import type { FarmView } from '../../farm/view.ts';
import { readStandingOrders } from '../../database/standing-orders.ts';
import { openCore } from './core.ts';
import type { Core } from './core.ts';
import { layFoundation } from './foundation.ts';
import type { Foundation } from './foundation.ts';
import { openGates } from './gates.ts';
import type { Gates } from './gates.ts';
import type { GuardPace } from '../attempts/limit-guard.ts';
import { viewProgress } from '../attempts/progress.ts';
import type { RunnerProgress } from '../attempts/progress.ts';
import type { Misdeed } from '../builders/refusals.ts';
import type { RunnerDoors } from '../doors.ts';
import type { Observatory } from '../observation/observatory.ts';
import type { Order } from '../http/order-routes.ts';
import type { Sight } from '../observation/sight.ts';
import { noSubstitution } from '../ingest/substitution.ts';
import { tellHistory } from '../ingest/step-history.ts';
import { farmSettings } from '../settings/configuration.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';

export interface Runner extends AsyncDisposable {
  /** What builders dial. */
  readonly endpoint: string;
  progress(): RunnerProgress;
  /** Looking at the farm. */
  readonly view: FarmView;
  /** What the statistics are made of. */
  readonly observatory: Observatory;
  readonly sight: Sight;
  /** Takes one queued build now; resolves when it has been decided about. */
  take(build: BuildId): Promise<void>;
  /** Resolves when it is recorded: with why the farm refused it, or null. */
  give(order: Order): Promise<string | null>;
  /** What can change while it works does; see `fixedKeys` for what cannot. */
  reconfigure(configuration: RunnerConfiguration): Promise<void>;
  /** How often builders were refused what they may not do, by kind. */
  readonly refusals: ReadonlyMap<Misdeed, number>;
  /** Names each promise that is broken; looks at everything that the farm knows. */
  checkPromises(): readonly string[];
}

/** Puts a runner together behind its doors, and lets it begin. */
export async function assembleRunner(
  doors: RunnerDoors,
  configuration: RunnerConfiguration,
  {
    followsQueue = true,
    guardPace,
  }: {
    /** False: only builds that are taken by name. */
    readonly followsQueue?: boolean;
    /** By default builders have two minutes to keep limits themselves. */
    readonly guardPace?: GuardPace | undefined;
  } = {},
): Promise<Runner> {
  let current = configuration;
  const foundation = await layFoundation(doors, () => current);
  // Disposed in the opposite order: first nothing new comes in, then the tunnels end, and with them what runs; at last
  // what the farm decided about that is recorded.
  await using starting = new AsyncDisposableStack();
  const core = starting.use(openCore(foundation, { guardPace }));
  await recall(foundation, core);
  const gates = starting.use(await openGates(foundation, core, { followsQueue }));
  const running = starting.move();
  return {
    ...present(foundation, core, gates),
    async reconfigure(next) {
      current = next;
      foundation.limits.allow(next);
      gates.watch.lookLater();
      await core.decisions.submit({ type: 'settings-changed', settings: farmSettings(next) });
      core.copyBack.settleAll();
      await gates.downloads.tell();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Tells the farm what the runners before this one knew. */
async function recall(
  { doors, inherited, configuration }: Foundation,
  { decisions }: Core,
): Promise<void> {
  const { database, clock, logger } = doors;
  await tellHistory({ database, decisions, logger });
  const orders = await readStandingOrders(database);
  await decisions.submit({ type: 'orders-remembered', orders });
  if (inherited.length === 0) return;
  const until = instant(clock.now() + 1_000 * configuration().rejoinTimeInS);
  await decisions.submit({ type: 'attempts-inherited', attempts: inherited, until });
}

/** What can be seen and asked of a runner at work. */
function present(
  { doors, attempts, farm, observatory, refusals, configuration }: Foundation,
  { decisions, builders, queue, copyBack, tally }: Core,
  { endpoint, watch }: Gates,
): Omit<Runner, 'reconfigure' | typeof Symbol.asyncDispose> {
  const { database, substitution = noSubstitution } = doors;
  const { view } = farm;
  return {
    endpoint,
    view,
    observatory,
    progress: () =>
      viewProgress({
        attempts,
        view,
        tally,
        unfinishedBuilds: queue.size,
        builders: builders.count,
      }),
    sight: observatory.look({
      database,
      farm,
      attempts,
      configuration,
      substitutes: substitution.tally,
      overflowCopies: copyBack.tally,
    }),
    take: (build) => watch.take(build),
    give: (order) => decisions.ask(order),
    refusals: refusals.counts,
    checkPromises: () => farm.checkPromises(),
  };
}
