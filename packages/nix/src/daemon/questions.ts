import type { PathInfo } from '../path-info/path-info.ts';
import type { ContentAddress } from '../store-path/content-address.ts';
import type { DerivationPath, StorePath } from '../store-path/store-path.ts';
import type { AskOptions } from './channel.ts';
import { queryClosure } from './closure.ts';
import type { ClosureOptions } from './closure.ts';
import type { DerivedPath } from './derived-path.ts';
import { operations } from './operations/catalogue.ts';
import type { Missing, SubstitutablePathInfo } from './operations/substitutes.ts';
import type { Realisation, RealisationKey } from './realisation.ts';
import { DaemonSession } from './session.ts';

/** A daemon answers a list of paths only when it has read all of it, and holds both in memory. */
const mostPathsInOneQuestion = 10_000;

/** What can be asked of a store without changing it. */
export abstract class DaemonQuestions extends DaemonSession {
  /** Whether a path is in the store. */
  isValidPath(path: StorePath, options?: AskOptions): Promise<boolean> {
    return this.channel.ask(operations.isValidPath, { path }, options);
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
    await this.channel.askAhead(operations.queryValidPaths, requests, learn, options);
    return valid;
  }

  /** Null for a path that is not valid. */
  async queryPathInfo(path: StorePath, options?: AskOptions): Promise<PathInfo | null> {
    const info = await this.channel.ask(operations.queryPathInfo, { path }, options);
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
    await this.channel.askAhead(
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
    return this.channel.ask(operations.queryReferrers, { path }, options);
  }

  /** The valid derivations that have this path as an output. */
  queryValidDerivers(path: StorePath, options?: AskOptions): Promise<readonly DerivationPath[]> {
    return this.channel.ask(operations.queryValidDerivers, { path }, options);
  }

  /** The valid path with this digest, which is what binary caches know paths by. */
  queryPathFromHashPart(digest: string, options?: AskOptions): Promise<StorePath | null> {
    return this.channel.ask(operations.queryPathFromHashPart, { digest }, options);
  }

  /**
   * Where the outputs of a valid derivation are, or will be; null for those that only a build can tell. From Nix 2.35
   * on, an output whose path depends on its contents is known only of derivations without inputs to be built.
   */
  queryDerivationOutputMap(
    derivation: DerivationPath,
    options?: AskOptions,
  ): Promise<ReadonlyMap<string, StorePath | null>> {
    return this.channel.ask(operations.queryDerivationOutputMap, { derivation }, options);
  }

  /** What it would take to have these. */
  queryMissing(targets: readonly DerivedPath[], options?: AskOptions): Promise<Missing> {
    return this.channel.ask(operations.queryMissing, { targets }, options);
  }

  /** Those that a substituter has which wants to be asked for many paths at once. */
  querySubstitutablePaths(
    paths: readonly StorePath[],
    options?: AskOptions,
  ): Promise<readonly StorePath[]> {
    return this.channel.ask(operations.querySubstitutablePaths, { paths }, options);
  }

  /**
   * What substituters know of paths; those that none has are left out.
   * @param paths and the content address of each, where it has one, by which stores in other directories know it
   */
  querySubstitutablePathInfos(
    paths: ReadonlyMap<StorePath, ContentAddress | null>,
    options?: AskOptions,
  ): Promise<readonly SubstitutablePathInfo[]> {
    return this.channel.ask(operations.querySubstitutablePathInfos, { paths }, options);
  }

  /** What an output, whose path only a build can tell, turned out to be; null where nobody has built it. */
  queryRealisation(key: RealisationKey, options?: AskOptions): Promise<Realisation | null> {
    return this.channel.ask(operations.queryRealisation, { key }, options);
  }

  /**
   * The archive of a valid path, of exactly `narSize` bytes, as fast as it is taken. A daemon that
   * fails half-way closes the connection, or lets the hash be wrong: check it. Whoever stops before
   * the end loses the connection.
   */
  narFromPath(path: StorePath, narSize: number, options?: AskOptions): AsyncIterable<Uint8Array> {
    return this.channel.download(operations.narFromPath, { path }, narSize, options);
  }
}

function inPortions(paths: readonly StorePath[]): (readonly StorePath[])[] {
  return Array.from({ length: Math.ceil(paths.length / mostPathsInOneQuestion) }, (_, index) =>
    paths.slice(index * mostPathsInOneQuestion, (index + 1) * mostPathsInOneQuestion),
  );
}
