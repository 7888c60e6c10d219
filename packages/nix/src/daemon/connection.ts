import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { knownOutputPaths } from '../derivation/derivation.ts';
import type { BasicDerivation } from '../derivation/derivation.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';
import type { DaemonAddress } from './address.ts';
import { withKnownOutputs } from './build-result.ts';
import type { BuildResult } from './build-result.ts';
import { Channel } from './channel.ts';
import type { AskOptions } from './channel.ts';
import type {
  BuildDerivationOptions,
  CollectOptions,
  ConnectOptions,
} from './connection-options.ts';
import type { DerivedPath } from './derived-path.ts';
import { openSocket } from './open-socket.ts';
import { operations } from './operations/catalogue.ts';
import type { GarbageAction, Root } from './operations/roots.ts';
import { completeOptions } from './operations/set-options.ts';
import type { BuildOptions } from './operations/set-options.ts';
import { newestVersion } from './protocol.ts';
import { DaemonAdditions } from './additions.ts';

/** "No limit" for CollectGarbage. */
const anyNumberOfBytes = 2n ** 64n - 1n;

/**
 * A connection to a Nix daemon. Questions may be asked at any time and are answered one after the
 * other. Options, temporary roots and builds belong to the connection, and end with it.
 *
 * Every method may reject with a `DaemonError`: after an `operation`, `untrusted` or `unsupported` the connection
 * goes on, mostly (see `isOpen`), after any other it is closed. Every method takes a signal, which rejects with its reason.
 */
export class DaemonConnection extends DaemonAdditions {
  #options: Required<BuildOptions> | null = null;

  /** @throws DaemonError (`unreachable`, `refused`), or the signal's reason */
  static async connect(
    address: DaemonAddress,
    options: ConnectOptions = {},
  ): Promise<DaemonConnection> {
    const socket = await openSocket(address.socketPath, options.signal);
    const abort = () => socket.destroy();
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      return await DaemonConnection.over(socket, address.storeDirectory, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Talks to a daemon over any stream, such as the standard input and output of `nix-daemon --stdio`.
   * @throws DaemonError (`refused`)
   */
  static async over(
    stream: Duplex,
    directory: StoreDirectory,
    options: Pick<ConnectOptions, 'newestMinor'> = {},
  ): Promise<DaemonConnection> {
    const { newestMinor = newestVersion.minor } = options;
    const version = { ...newestVersion, minor: newestMinor };
    return new DaemonConnection(directory, await Channel.open(stream, directory, version));
  }

  /** Keeps a path, valid or not yet, from being collected until this connection ends. */
  addTempRoot(path: StorePath, options?: AskOptions): Promise<void> {
    return this.channel.ask(operations.addTempRoot, { path }, options);
  }

  /** Like `addTempRoot` for each, asked ahead of the answers. */
  addTempRoots(paths: readonly StorePath[], options?: AskOptions): Promise<void> {
    const requests = paths.map((path) => ({ path }));
    return this.channel.askAhead(operations.addTempRoot, requests, () => {}, options);
  }

  /**
   * Keeps what a symlink points to for as long as the link exists.
   * @param link its absolute path, as the daemon sees it
   */
  addIndirectRoot(link: string, options?: AskOptions): Promise<void> {
    return this.channel.ask(operations.addIndirectRoot, { link }, options);
  }

  /** Makes, or replaces, a symlink to a path, and keeps the path for as long as the link exists. For trusted users. */
  async addPermRoot(path: StorePath, link: string, options?: AskOptions): Promise<void> {
    await this.channel.ask(operations.addPermRoot, { path, link }, options);
  }

  /** What keeps paths from being collected. Daemons hide the links from those they do not trust. */
  findRoots(options?: AskOptions): Promise<readonly Root[]> {
    return this.channel.ask(operations.findRoots, undefined, options);
  }

  /**
   * Tells or deletes garbage. Deleting a path that something refers to, or a root keeps, is an `operation` error.
   * @returns full paths, some of which may be other files in the store directory
   */
  collectGarbage(
    action: GarbageAction,
    {
      paths = [],
      withReferrers = false,
      maxFreedBytes = anyNumberOfBytes,
      ...options
    }: CollectOptions = {},
  ): Promise<{ readonly paths: readonly string[]; readonly bytesFreed: number }> {
    const selection = {
      paths: action === 'delete-specific' ? paths : null,
      referrers: withReferrers,
    };
    const request = { action, selection, maxFreedBytes };
    return this.channel.ask(operations.collectGarbage, request, options);
  }

  /** Has a path substituted unless it is valid; fails where that cannot be. */
  ensurePath(path: StorePath, options?: AskOptions): Promise<void> {
    return this.channel.ask(operations.ensurePath, { path }, options);
  }

  /**
   * How this connection builds from now on. Nothing is sent if it does so already. Overrides that were set once and are
   * not named any more stay as they were.
   */
  async setOptions(options: BuildOptions, asking?: AskOptions): Promise<void> {
    const complete = completeOptions(options);
    if (isDeepStrictEqual(complete, this.#options)) return;
    this.#options = complete;
    try {
      await this.channel.ask(operations.setOptions, complete, asking);
    } catch (error) {
      this.#options = null;
      throw error;
    }
  }

  /** What was last set, if anything. */
  get options(): Required<BuildOptions> | null {
    return this.#options;
  }

  /** Builds, or substitutes, all of these. A failed build is an `operation` error. */
  buildPaths(
    targets: readonly DerivedPath[],
    { mode = 'normal', ...options }: BuildDerivationOptions = {},
  ): Promise<void> {
    return this.channel.ask(operations.buildPaths, { targets, mode }, options);
  }

  /**
   * Builds, or substitutes, all of these, and tells how each went, in any order. Failed builds are results and not
   * errors; those that were not begun may be left out. Daemons since Nix 2.8 can.
   */
  buildPathsWithResults(
    targets: readonly DerivedPath[],
    { mode = 'normal', ...options }: BuildDerivationOptions = {},
  ): Promise<readonly { readonly target: DerivedPath; readonly result: BuildResult }[]> {
    return this.channel.ask(operations.buildPathsWithResults, { targets, mode }, options);
  }

  /**
   * Builds a derivation whose inputs are valid. A failed build is a result and not an error. Only the signal, or
   * `destroy`, cancels it.
   * @param path names the build, its log, and the deriver of its outputs; need not be valid
   */
  async buildDerivation(
    path: DerivationPath,
    derivation: BasicDerivation,
    { mode = 'normal', ...options }: BuildDerivationOptions = {},
  ): Promise<BuildResult> {
    const request = { path, derivation, mode };
    const result = await this.channel.ask(operations.buildDerivation, request, options);
    return withKnownOutputs(result, knownOutputPaths(derivation));
  }
}
