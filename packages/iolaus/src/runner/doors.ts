import type { Clock } from '../clock/clock.ts';
import type { Database } from '../database/connection/connection.ts';
import type { createFarm } from '../farm/farm.ts';
import type { Logger } from '../logging/logger.ts';
import type { RunnerHandlers } from '../protocol/server/runner-server.ts';
import type { GcRoots } from './gc-roots/gc-roots.ts';
import type { Bindings } from './builders/bindings.ts';
import type { RealisationCaches } from './resolution/realisation-caches.ts';
import type { LogFiles } from './logs/log-files.ts';
import type { RunnerStore } from './store/runner-store.ts';
import type { Substitution } from './ingest/substitution.ts';
import type { DirectCache } from './uploads/direct/direct-cache.ts';
import type { Multiparts } from './uploads/direct/multiparts.ts';
import type { OverflowDoor } from './uploads/overflow/overflow-door.ts';
import type { Uploads } from './uploads/uploads.ts';

/** All that the runner knows of the world. Behind each stands the real thing, or a made-up one. */
export type RunnerDoors = {
  readonly clock: Clock;
  /** A name that nobody else has. */
  readonly makeUuid: () => string;
  readonly database: Database;
  /** Grows with every runner that works on the database. */
  readonly term: number;
  readonly store: RunnerStore;
  /** Left out, nothing is kept from garbage collection. */
  readonly roots?: GcRoots;
  /** Left out, everything is built. */
  readonly substitution?: Substitution;
  /** Left out, nobody else has built anything. */
  readonly caches?: RealisationCaches;
  readonly logFiles: LogFiles;
  /** Takes note of what is to be published. */
  readonly uploads: Uploads;
  /** The cache that builders may upload to themselves; absent: there is none. */
  readonly directUploads?: {
    readonly cache: () => DirectCache | null;
    readonly multiparts: Multiparts;
  };
  /** Where goes what only some jobsets need; absent: nowhere else. */
  readonly overflow?: OverflowDoor;
  /** Who has used which join token; absent: nobody shows any. */
  readonly bindings?: Bindings;
  readonly logger: Logger;
  readonly createFarm: typeof createFarm;
  /** Lets builders in. Disposing ends their tunnels and waits for the handlers. */
  readonly serve: (handlers: RunnerHandlers) => Promise<Served>;
};

export interface Served extends AsyncDisposable {
  /** What builders dial. */
  readonly endpoint: string;
}
