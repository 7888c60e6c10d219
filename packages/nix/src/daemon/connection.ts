import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { fromBytes } from '../byte-string.ts';
import { knownOutputPaths } from '../derivation/derivation.ts';
import type { BasicDerivation, Derivation } from '../derivation/derivation.ts';
import { printDerivation } from '../derivation/print-derivation.ts';
import type { PathInfo } from '../path-info/path-info.ts';
import type { ContentAddress } from '../store-path/content-address.ts';
import { derivationPath } from '../store-path/store-path.ts';
import type { DerivationPath, StoreDirectory, StorePath } from '../store-path/store-path.ts';
import type { DaemonAddress } from './address.ts';
import { withKnownOutputs } from './build-result.ts';
import type { BuildResult } from './build-result.ts';
import { Channel } from './channel.ts';
import type { AskOptions } from './channel.ts';
import type {
  AddOptions,
  BuildDerivationOptions,
  CollectOptions,
  ConnectOptions,
} from './connection-options.ts';
import { queryClosure } from './closure.ts';
import type { ClosureOptions } from './closure.ts';
import type { DerivedPath } from './derived-path.ts';
import { multiplePaths } from './multiple.ts';
import type { PathToAdd } from './multiple.ts';
import { openSocket } from './open-socket.ts';
import type { AddMethod, ImportOptions } from './operations/additions.ts';
import type { Operation } from './operations/operation.ts';
import { operations } from './operations/catalogue.ts';
import type { GarbageAction, Root } from './operations/roots.ts';
import { completeOptions } from './operations/set-options.ts';
import type { BuildOptions } from './operations/set-options.ts';
import type { Missing, SubstitutablePathInfo } from './operations/substitutes.ts';
import { newestVersion, since } from './protocol.ts';
import type { ProtocolVersion } from './protocol.ts';
import type { Realisation, RealisationKey } from './realisation.ts';
import type { Data } from './upload.ts';

/** A daemon answers a list of paths only when it has read all of it, and holds both in memory. */
const mostPathsInOneQuestion = 10_000;
/** "No limit" for CollectGarbage. */
const anyNumberOfBytes = 2n ** 64n - 1n;

/**
 * A connection to a Nix daemon. Questions may be asked at any time and are answered one after the
 * other. Options, temporary roots and builds belong to the connection, and end with it.
 *
 * Every method may reject with a `DaemonError`: after an `operation`, `untrusted` or `unsupported` the connection
 * goes on, mostly (see `isOpen`), after any other it is closed. Every method takes a signal, which rejects with its reason.
 */
export class DaemonConnection implements AsyncDisposable {
  readonly storeDirectory: StoreDirectory;
  readonly #channel: Channel;
  #options: Required<BuildOptions> | null = null;

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

  /** What both sides can besides, since 1.38. */
  get features(): ReadonlySet<string> {
    return this.#channel.greeting.protocol.features;
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

  /** Whether a path is in the store. */
  isValidPath(path: StorePath, options?: AskOptions): Promise<boolean> {
    return this.#channel.ask(operations.isValidPath, { path }, options);
  }

  /** Those of the paths that are valid, after trying to substitute the others if so wanted. */
  async queryValidPaths(
    paths: readonly StorePath[],
    substitute = false,
    options?: AskOptions,
  ): Promise<Set<StorePath>> {
    const requests = inPortions(paths).map((portion) => ({ paths: portion, substitute }));
    const valid = new Set<StorePath>();
    const learn = (answer: readonly StorePath[]) => {
      for (const path of answer) valid.add(path);
    };
    await this.#channel.askAhead(operations.queryValidPaths, requests, learn, options);
    return valid;
  }

  /** Null for a path that is not valid. */
  async queryPathInfo(path: StorePath, options?: AskOptions): Promise<PathInfo | null> {
    const info = await this.#channel.ask(operations.queryPathInfo, { path }, options);
    return info === null ? null : { path, ...info };
  }

  /** In the order of the paths, null for those that are not valid. Asked ahead of the answers. */
  async queryPathInfos(
    paths: readonly StorePath[],
    options?: AskOptions,
  ): Promise<(PathInfo | null)[]> {
    const infos: (PathInfo | null)[] = [];
    const learn = (info: PathInfo | null) => {
      infos.push(info);
      return [];
    };
    await this.walkPathInfos(paths, learn, options);
    return infos;
  }

  /** Asks for path infos ahead of the answers, in order, and for the further paths that `onInfo` returns. */
  async walkPathInfos(
    paths: readonly StorePath[],
    onInfo: (info: PathInfo | null, path: StorePath) => readonly StorePath[],
    options?: AskOptions,
  ): Promise<void> {
    const requests = paths.map((path) => ({ path }));
    await this.#channel.askAhead(
      operations.queryPathInfo,
      requests,
      (answer, index) => {
        const path = requests[index]?.path;
        if (path === undefined) return;
        const info = answer === null ? null : { path, ...answer };
        for (const further of onInfo(info, path)) requests.push({ path: further });
      },
      options,
    );
  }

  /** The paths and all they refer to, each after its references; see the function of that name. */
  queryClosure(roots: readonly StorePath[], options?: ClosureOptions): Promise<PathInfo[]> {
    return queryClosure(this, roots, options);
  }

  /** The valid paths that refer to this one. */
  queryReferrers(path: StorePath, options?: AskOptions): Promise<readonly StorePath[]> {
    return this.#channel.ask(operations.queryReferrers, { path }, options);
  }

  /** The valid derivations that have this path as an output. */
  queryValidDerivers(path: StorePath, options?: AskOptions): Promise<readonly DerivationPath[]> {
    return this.#channel.ask(operations.queryValidDerivers, { path }, options);
  }

  /** The valid path with this digest, which is what binary caches know paths by. */
  queryPathFromHashPart(digest: string, options?: AskOptions): Promise<StorePath | null> {
    return this.#channel.ask(operations.queryPathFromHashPart, { digest }, options);
  }

  /**
   * Where the outputs of a valid derivation are, or will be; null for those that only a build can tell. From Nix 2.35
   * on, an output whose path depends on its contents is known only of derivations without inputs to be built.
   */
  queryDerivationOutputMap(
    derivation: DerivationPath,
    options?: AskOptions,
  ): Promise<ReadonlyMap<string, StorePath | null>> {
    return this.#channel.ask(operations.queryDerivationOutputMap, { derivation }, options);
  }

  /** What it would take to have these. */
  queryMissing(targets: readonly DerivedPath[], options?: AskOptions): Promise<Missing> {
    return this.#channel.ask(operations.queryMissing, { targets }, options);
  }

  /** Those that a substituter has which wants to be asked for many paths at once. */
  querySubstitutablePaths(
    paths: readonly StorePath[],
    options?: AskOptions,
  ): Promise<readonly StorePath[]> {
    return this.#channel.ask(operations.querySubstitutablePaths, { paths }, options);
  }

  /**
   * What substituters know of paths; those that none has are left out.
   * @param paths and the content address of each, where it has one, by which stores in other directories know it
   */
  querySubstitutablePathInfos(
    paths: ReadonlyMap<StorePath, ContentAddress | null>,
    options?: AskOptions,
  ): Promise<readonly SubstitutablePathInfo[]> {
    return this.#channel.ask(operations.querySubstitutablePathInfos, { paths }, options);
  }

  /** What an output, whose path only a build can tell, turned out to be; null where nobody has built it. */
  queryRealisation(key: RealisationKey, options?: AskOptions): Promise<Realisation | null> {
    return this.#channel.ask(operations.queryRealisation, { key }, options);
  }

  /** Has the daemon remember what an output turned out to be. It believes everything. */
  registerDrvOutput(
    key: RealisationKey,
    realisation: Realisation,
    options?: AskOptions,
  ): Promise<void> {
    return this.#channel.ask(operations.registerDrvOutput, { key, realisation }, options);
  }

  /** Keeps a path, valid or not yet, from being collected until this connection ends. */
  addTempRoot(path: StorePath, options?: AskOptions): Promise<void> {
    return this.#channel.ask(operations.addTempRoot, { path }, options);
  }

  /** Like `addTempRoot` for each, asked ahead of the answers. */
  addTempRoots(paths: readonly StorePath[], options?: AskOptions): Promise<void> {
    const requests = paths.map((path) => ({ path }));
    return this.#channel.askAhead(operations.addTempRoot, requests, () => {}, options);
  }

  /**
   * Keeps what a symlink points to for as long as the link exists.
   * @param link its absolute path, as the daemon sees it
   */
  addIndirectRoot(link: string, options?: AskOptions): Promise<void> {
    return this.#channel.ask(operations.addIndirectRoot, { link }, options);
  }

  /** Makes, or replaces, a symlink to a path, and keeps the path for as long as the link exists. For trusted users. */
  async addPermRoot(path: StorePath, link: string, options?: AskOptions): Promise<void> {
    await this.#channel.ask(operations.addPermRoot, { path, link }, options);
  }

  /** What keeps paths from being collected. Daemons hide the links from those they do not trust. */
  findRoots(options?: AskOptions): Promise<readonly Root[]> {
    return this.#channel.ask(operations.findRoots, undefined, options);
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
    return this.#channel.ask(operations.collectGarbage, request, options);
  }

  /** Has a path substituted unless it is valid; fails where that cannot be. */
  ensurePath(path: StorePath, options?: AskOptions): Promise<void> {
    return this.#channel.ask(operations.ensurePath, { path }, options);
  }

  /** Adds a text, such as a derivation, and returns where. */
  async addTextToStore(
    name: string,
    text: Uint8Array | string,
    references: readonly StorePath[] = [],
    options?: AskOptions,
  ): Promise<StorePath> {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    if (this.protocol.minor >= since.framedAddToStore)
      return this.addToStore(name, { method: 'text', algorithm: 'sha256' }, only(bytes), {
        references,
        ...options,
      });
    const request = { name, text: fromBytes(bytes), references };
    return this.#channel.ask(operations.addTextToStore, request, options);
  }

  /**
   * Adds an object that is named by what it contains, and returns where. Its data are its plain bytes for `text` and
   * `flat`, and an archive for the others. Daemons before 2.4 take archives without references only.
   */
  async addToStore(
    name: string,
    how: AddMethod,
    data: Data,
    { references = [], repair = false, ...options }: AddOptions = {},
  ): Promise<StorePath> {
    const request = { name, ...how, references, repair };
    return (await this.#channel.upload(operations.addToStore, request, data, options)).path;
  }

  /** Adds the `.drv` file of a derivation, whose inputs must be valid. */
  async addDerivation(derivation: Derivation, options?: AskOptions): Promise<DerivationPath> {
    const references = [...derivation.inputDerivations.keys(), ...derivation.inputSources];
    const text = printDerivation(this.storeDirectory, derivation);
    const name = `${derivation.name}.drv`;
    return derivationPath(await this.addTextToStore(name, text, references, options));
  }

  /**
   * Imports an archive; its references must be valid. Not more of it is taken than the daemon can
   * take. If reading it fails, so does this, and the connection is closed.
   */
  addToStoreNar(
    info: PathInfo,
    nar: Data,
    { repair = false, checkSignatures = false, ...options }: ImportOptions & AskOptions = {},
  ): Promise<void> {
    const request = { info, repair, dontCheckSignatures: !checkSignatures };
    return this.#channel.upload(operations.addToStoreNar, request, nar, options);
  }

  /** Imports many archives at once, each after those it refers to. Daemons since Nix 2.4 can. */
  addMultipleToStore(
    paths: readonly PathToAdd[],
    { repair = false, checkSignatures = false, ...options }: ImportOptions & AskOptions = {},
  ): Promise<void> {
    const request = { repair, dontCheckSignatures: !checkSignatures };
    const data = multiplePaths(this.storeDirectory, this.#channel.greeting.protocol, paths);
    return this.#channel.upload(operations.addMultipleToStore, request, data, options);
  }

  /** Adds signatures, `<key name>:<base64>` each, to a valid path. */
  addSignatures(
    path: StorePath,
    signatures: readonly string[],
    options?: AskOptions,
  ): Promise<void> {
    return this.#channel.ask(operations.addSignatures, { path, signatures }, options);
  }

  /** Stores the log of a build, uncompressed. Only for trusted users; others lose the connection. */
  addBuildLog(derivation: DerivationPath, log: Data, options?: AskOptions): Promise<void> {
    return this.#channel.upload(operations.addBuildLog, { derivation }, log, options);
  }

  /**
   * The archive of a valid path, of exactly `narSize` bytes, as fast as it is taken. A daemon that
   * fails half-way closes the connection, or lets the hash be wrong: check it. Whoever stops before
   * the end loses the connection.
   */
  narFromPath(path: StorePath, narSize: number, options?: AskOptions): AsyncIterable<Uint8Array> {
    return this.#channel.download(operations.narFromPath, { path }, narSize, options);
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
      await this.#channel.ask(operations.setOptions, complete, asking);
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
    return this.#channel.ask(operations.buildPaths, { targets, mode }, options);
  }

  /**
   * Builds, or substitutes, all of these, and tells how each went, in any order. Failed builds are results and not
   * errors; those that were not begun may be left out. Daemons since Nix 2.8 can.
   */
  buildPathsWithResults(
    targets: readonly DerivedPath[],
    { mode = 'normal', ...options }: BuildDerivationOptions = {},
  ): Promise<readonly { readonly target: DerivedPath; readonly result: BuildResult }[]> {
    return this.#channel.ask(operations.buildPathsWithResults, { targets, mode }, options);
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
    const result = await this.#channel.ask(operations.buildDerivation, request, options);
    return withKnownOutputs(result, knownOutputPaths(derivation));
  }

  /** Asks anything of the catalogue of operations, also what has no method here, such as `verifyStore`. */
  ask<Request, Reply>(
    operation: Operation<Request, Reply>,
    request: Request,
    options?: AskOptions,
  ): Promise<Reply> {
    return this.#channel.ask(operation, request, options);
  }

  /** Takes no more questions, and closes when those asked before are answered. */
  close(): void {
    void this.#channel.close();
  }

  /** Closes now. The daemon cancels whatever it does for us, builders included. */
  destroy(): void {
    this.#channel.destroy();
  }

  /** Closes now, and waits until nothing is left of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    await this.#channel.closed();
  }
}

function inPortions(paths: readonly StorePath[]): (readonly StorePath[])[] {
  return Array.from({ length: Math.ceil(paths.length / mostPathsInOneQuestion) }, (_, index) =>
    paths.slice(index * mostPathsInOneQuestion, (index + 1) * mostPathsInOneQuestion),
  );
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
