import type { StorePath } from '../store-path/store-path.ts';
import type { AskOptions } from './channel.ts';
import type { BuildMode } from './operations/build.ts';

/** How to connect. */
export type ConnectOptions = {
  /** Gives up connecting; of no effect afterwards. */
  readonly signal?: AbortSignal;
  /** Speak no newer protocol than 1.N, as older clients do. */
  readonly newestMinor?: number;
};

/** How a build is asked for, and who hears of it. */
export type BuildDerivationOptions = AskOptions & { readonly mode?: BuildMode };

/** What to collect. */
export type CollectOptions = AskOptions & {
  /** For `delete-specific`. */
  readonly paths?: readonly StorePath[];
  /** Delete what refers to those paths, too. Daemons since 2.35 can. */
  readonly withReferrers?: boolean;
  /** Stop when so much was freed. */
  readonly maxFreedBytes?: bigint;
};

/** How something is added. */
export type AddOptions = AskOptions & {
  readonly references?: readonly StorePath[];
  /** Replace the path even if it is valid. */
  readonly repair?: boolean;
};
