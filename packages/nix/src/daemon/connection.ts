import type { Duplex } from 'node:stream';
import { fromBytes } from '../byte-string.ts';
import type { BasicDerivation, Derivation } from '../derivation/derivation.ts';
import { printDerivation } from '../derivation/print-derivation.ts';
import type { PathInfo } from '../path-info/path-info.ts';
import { derivationPath } from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';
import type { DaemonAddress } from './address.ts';
import type { BuildResult } from './build-result.ts';
import { Channel } from './channel.ts';
import type { DerivedPath } from './derived-path.ts';
import type { Listener } from './messages.ts';
import { openSocket } from './open-socket.ts';
import { addTextToStore, addToStore, addToStoreNar } from './operations/additions.ts';
import type { ImportOptions } from './operations/additions.ts';
import { narFromPath } from './operations/archive.ts';
import { buildDerivation } from './operations/build-derivation.ts';
import type { BuildMode } from './operations/build-derivation.ts';
import { isValidPath, queryMissing, queryPathInfo, queryValidPaths } from './operations/queries.ts';
import type { Missing } from './operations/queries.ts';
import { addIndirectRoot, addTempRoot, ensurePath } from './operations/roots.ts';
import { setOptions } from './operations/set-options.ts';
import type { BuildOptions } from './operations/set-options.ts';
import { newestVersion, since } from './protocol.ts';
import type { ProtocolVersion } from './protocol.ts';
import { uploadFrames, uploadOnDemand } from './upload.ts';

/** A daemon answers a list of paths only when it has read all of it, and holds both in memory. */
const mostPathsInOneQuestion = 10_000;

export type ConnectOptions = {
  /** Gives up connecting; of no effect afterwards. */
  readonly signal?: AbortSignal;
  /** Speak no newer protocol than 1.N, as older clients do. */
  readonly newestMinor?: number;
};

export type BuildDerivationOptions = {
  /**
   * A line of the log, without its newline; any bytes. While a returned promise is pending the daemon
   * isn't heard, and will stop the builder when its pipes are full. An error thrown cancels the build.
   */
  readonly onLog?: (line: Uint8Array) => void | Promise<void>;
  /** The builder says which phase it is in. */
  readonly onPhase?: (phase: string) => void;
  readonly mode?: BuildMode;
};

/**
 * A connection to a Nix daemon. Questions may be asked at any time and are answered one after the
 * other. Options, temporary roots and builds belong to the connection, and end with it.
 *
 * Every method may reject with a `DaemonError`: after an `operation` the connection goes on, after
 * any other it is closed.
 */
export class DaemonConnection implements AsyncDisposable {
  readonly storeDirectory: StoreDirectory;
  readonly #channel: Channel;

  private constructor(storeDirectory: StoreDirectory, channel: Channel) {
    this.storeDirectory = storeDirectory;
    this.#channel = channel;
  }

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

  /** The version of the protocol that both sides speak. */
  get protocol(): ProtocolVersion {
    return this.#channel.greeting.protocol.version;
  }

  /** Such as `2.34.8`; null before 2.7. */
  get nixVersion(): string | null {
    return this.#channel.greeting.nixVersion;
  }

  /** Whether the daemon trusts us; null where it does not say, before 2.15. */
  get trusted(): boolean | null {
    return this.#channel.greeting.trusted;
  }

  /** False once it is closed, broken, or the daemon has gone. */
  get isOpen(): boolean {
    return this.#channel.isOpen;
  }

  isValidPath(path: StorePath): Promise<boolean> {
    return this.#channel.ask(isValidPath(path));
  }

  /** Those of the paths that are valid, after trying to substitute the others if so wanted. */
  async queryValidPaths(paths: readonly StorePath[], substitute = false): Promise<Set<StorePath>> {
    const valid = new Set<StorePath>();
    for (let start = 0; start < paths.length; start += mostPathsInOneQuestion) {
      const some = paths.slice(start, start + mostPathsInOneQuestion);
      for (const path of await this.#channel.ask(queryValidPaths(some, substitute)))
        valid.add(path);
    }
    return valid;
  }

  /** Null for a path that is not valid. */
  queryPathInfo(path: StorePath): Promise<PathInfo | null> {
    return this.#channel.ask(queryPathInfo(path));
  }

  /** In the order of the paths, null for those that are not valid. Asked ahead of the answers. */
  queryPathInfos(paths: readonly StorePath[]): Promise<(PathInfo | null)[]> {
    return this.#channel.askAll(paths.map((path) => queryPathInfo(path)));
  }

  /** What it would take to have these. */
  queryMissing(targets: readonly DerivedPath[]): Promise<Missing> {
    return this.#channel.ask(queryMissing(targets));
  }

  /** Keeps a path, valid or not yet, from being collected until this connection ends. */
  addTempRoot(path: StorePath): Promise<void> {
    return this.#channel.ask(addTempRoot(path));
  }

  /** Like `addTempRoot` for each, asked ahead of the answers. */
  async addTempRoots(paths: readonly StorePath[]): Promise<void> {
    await this.#channel.askAll(paths.map((path) => addTempRoot(path)));
  }

  /**
   * Keeps what a symlink points to for as long as the link exists.
   * @param link its absolute path, as the daemon sees it
   */
  addIndirectRoot(link: string): Promise<void> {
    return this.#channel.ask(addIndirectRoot(link));
  }

  /** Has a path substituted unless it is valid; fails where that cannot be. */
  ensurePath(path: StorePath): Promise<void> {
    return this.#channel.ask(ensurePath(path));
  }

  /** Adds a text, such as a derivation, and returns where. */
  addTextToStore(
    name: string,
    text: Uint8Array | string,
    references: readonly StorePath[] = [],
  ): Promise<StorePath> {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    return this.protocol.minor < since.framedAddToStore
      ? this.#channel.ask(addTextToStore(name, fromBytes(bytes), references))
      : this.#channel.upload(addToStore(name, references), only(bytes), uploadFrames);
  }

  /** Adds the `.drv` file of a derivation, whose inputs must be valid. */
  async addDerivation(derivation: Derivation): Promise<DerivationPath> {
    const references = [...derivation.inputDerivations.keys(), ...derivation.inputSources];
    const text = printDerivation(this.storeDirectory, derivation);
    return derivationPath(await this.addTextToStore(`${derivation.name}.drv`, text, references));
  }

  /** How this connection builds from now on. */
  setOptions(options: BuildOptions): Promise<void> {
    return this.#channel.ask(setOptions(options));
  }

  /**
   * Builds a derivation whose inputs are valid. A failed build is a result and not an error. Only
   * `destroy` cancels it.
   * @param path names the build, its log, and the deriver of its outputs; need not be valid
   */
  buildDerivation(
    path: DerivationPath,
    derivation: BasicDerivation,
    { mode = 'normal', ...listener }: BuildDerivationOptions = {},
  ): Promise<BuildResult> {
    const operation = buildDerivation(path, derivation, mode);
    return this.#channel.ask(operation, listener satisfies Listener);
  }

  /**
   * The archive of a valid path, of exactly `narSize` bytes, as fast as it is taken. A daemon that
   * fails half-way closes the connection, or lets the hash be wrong: check it. Whoever stops before
   * the end loses the connection.
   */
  narFromPath(path: StorePath, narSize: number): AsyncIterable<Uint8Array> {
    return this.#channel.download(narFromPath(path), narSize);
  }

  /**
   * Imports an archive; its references must be valid. Not more of it is taken than the daemon can
   * take. If reading it fails, so does this, and the connection is closed.
   */
  addToStoreNar(
    info: PathInfo,
    nar: AsyncIterable<Uint8Array>,
    options: ImportOptions = {},
  ): Promise<void> {
    const upload = this.protocol.minor < since.framedArchives ? uploadOnDemand : uploadFrames;
    return this.#channel.upload(addToStoreNar(info, options), nar, upload);
  }

  /** Takes no more questions, and closes when those asked before are answered. */
  close(): void {
    void this.#channel.close();
  }

  /** Closes now. The daemon cancels whatever it does for us, builders included. */
  destroy(): void {
    this.#channel.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    await this.#channel.closed();
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
