import type { ContentAddress } from '../../store-path/content-address.ts';
import type { DerivationPath, StorePath } from '../../store-path/store-path.ts';
import { derivedPath } from '../derived-path.ts';
import { since, speaks } from '../protocol.ts';
import { depending, list, mapOf, mapped, record } from '../wire/composite.ts';
import { drvPath, int, optionalPath, path } from '../wire/layout.ts';
import type { Layout } from '../wire/layout.ts';
import { operation } from './operation.ts';
import { contentAddress } from './path-info.ts';

/** What a substituter would have to be asked for. */
export type SubstitutablePathInfo = {
  readonly path: StorePath;
  readonly deriver: StorePath | null;
  readonly references: readonly StorePath[];
  readonly downloadSizeInBytes: number;
  readonly narSizeInBytes: number;
};

/** What realising some paths would take. */
export type Missing = {
  readonly willBuild: readonly DerivationPath[];
  readonly willSubstitute: readonly StorePath[];
  /** Neither can be built nor substituted. */
  readonly unknown: readonly StorePath[];
  readonly downloadSizeInBytes: number;
  readonly narSizeInBytes: number;
};

const substitutablePathInfo: Layout<SubstitutablePathInfo> = record({
  path,
  deriver: optionalPath,
  references: list(path),
  downloadSizeInBytes: int,
  narSizeInBytes: int,
});

const pathsAlone: Layout<ReadonlyMap<StorePath, ContentAddress | null>> = mapped(
  list(path),
  (paths) => new Map(paths.map((each) => [each, null])),
  (paths) => [...paths.keys()],
);

/** Asks only substituters that want to be asked for many paths at once. */
export const querySubstitutablePaths = operation('QuerySubstitutablePaths', 32, {
  request: record({ paths: list(path) }),
  reply: list(path),
});

/** By path, the content address that an object of any store with this content would have. */
export const querySubstitutablePathInfos = operation('QuerySubstitutablePathInfos', 30, {
  request: record({
    paths: depending((protocol) =>
      speaks(protocol, since.substitutesByContent) ? mapOf(path, contentAddress) : pathsAlone,
    ),
  }),
  reply: list(substitutablePathInfo),
});

export const queryMissing = operation('QueryMissing', 40, {
  request: record({ targets: list(derivedPath) }),
  reply: record<Missing>({
    willBuild: list(drvPath),
    willSubstitute: list(path),
    unknown: list(path),
    downloadSizeInBytes: int,
    narSizeInBytes: int,
  }),
});
