import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonAddress } from '@iolaus/nix';
import { systemClock } from '../../clock/system-clock.ts';
import type { Database } from '../../database/connection/connection.ts';
import { fencedDatabase } from '../../database/lead.ts';
import type { Lead } from '../../database/lead.ts';
import { prepareOwnSchema } from '../../database/schema/own-schema.ts';
import { createFarm } from '../../farm/farm.ts';
import type { Logger } from '../../logging/logger.ts';
import { openBindings } from '../builders/bindings.ts';
import type { RunnerDoors } from '../doors.ts';
import { noRoots, openGcRoots } from '../gc-roots/gc-roots.ts';
import type { GcRoots } from '../gc-roots/gc-roots.ts';
import { pruneGcRootsDaily } from '../gc-roots/prune-gc-roots.ts';
import { openSubstitution } from '../ingest/substitution.ts';
import { openDiskRoom } from '../logs/disk-room.ts';
import { openLogFiles } from '../logs/log-files.ts';
import type { RunnerConfiguration } from '../settings/configuration.ts';
import { logDirectoryOf, resolvedDirectoryOf, stateDirectoryOf } from '../settings/directories.ts';
import type { KeptFacts } from '../store/derivations.ts';
import { openRunnerStore } from '../store/runner-store.ts';
import { openPublishing } from '../uploads/open-publishing.ts';
import type { OpenPublishing } from '../uploads/open-publishing.ts';
import { openSweeps } from '../uploads/open-sweeps.ts';

/** What a runner works on. */
export type RunnerWorld = {
  readonly database: Database;
  /** Nobody else works on the database. */
  readonly lead: Lead;
  /** What was read of the queue while this runner stood by. */
  readonly kept?: KeptFacts;
  readonly daemon: DaemonAddress;
  /** Where links are made that keep outputs from garbage collection, and Nix's own folder; left out: nothing is kept. */
  readonly roots?: { readonly directory: () => string | null; readonly stateDirectory: string };
  readonly logger: Logger;
};

/** All doors of a runner but the one that builders come in by, with the real things behind them. */
export interface RealDoors extends AsyncDisposable {
  readonly doors: Omit<RunnerDoors, 'serve'>;
  readonly publishing: OpenPublishing;
}

/** `configuration`: as it is now. */
export async function openRealDoors(
  world: RunnerWorld,
  configuration: () => RunnerConfiguration,
): Promise<RealDoors> {
  const { daemon, kept, logger, lead } = world;
  const database = fencedDatabase(world.database, lead);
  const clock = systemClock;
  const logDirectory = logDirectoryOf(configuration());
  mkdirSync(logDirectory, { recursive: true });
  await prepareOwnSchema(world.database);
  await using opening = new AsyncDisposableStack();
  const store = opening.use(openRunnerStore(daemon, resolvedDirectoryOf(configuration()), kept));
  // Without the fence, which would make a question a change.
  const sweeps = openSweeps(world.database);
  const publishing = opening.use(
    await openPublishing({ database, daemon, store, sweeps, configuration, logger }),
  );
  const roots = openRoots(world, database, opening);
  const substitution = opening.use(openSubstitution({ daemon, clock, logger }));
  const open = opening.move();
  return {
    doors: {
      clock,
      makeUuid: randomUUID,
      database,
      term: lead.term,
      store,
      roots,
      substitution,
      ...publishing.doors,
      logFiles: openLogFiles(
        logDirectory,
        openDiskRoom({ directory: logDirectory, clock, logger }),
      ),
      bindings: openBindings(join(stateDirectoryOf(configuration()), 'joined')),
      logger,
      createFarm,
    },
    publishing,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function openRoots(
  { roots, daemon, logger }: RunnerWorld,
  database: Database,
  opening: AsyncDisposableStack,
): GcRoots {
  if (roots === undefined) return noRoots;
  const { directory } = roots;
  const kept = opening.use(openGcRoots({ ...roots, daemon, logger }));
  opening.use(pruneGcRootsDaily({ directory, database, clock: systemClock, logger }));
  return kept;
}
