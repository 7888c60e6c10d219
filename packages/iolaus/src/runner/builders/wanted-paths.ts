import { equalHashes, requiredSystemFeatures } from '@iolaus/nix';
import type { PathInfo, StoreDirectory, StorePath } from '@iolaus/nix';
import type { ContentCheck } from '../../cache/presigned/content-check.ts';
import type { CallError } from '../../protocol/call-error.ts';
import type { LiveAttempt } from '../attempts/attempts.ts';
import { claimOutput, findOutput } from '../attempts/find-output.ts';
import type { Derivations } from '../store/derivations.ts';
import type { Measure } from '../store/measure.ts';
import type { Refusals } from './refusals.ts';

/** A path that may come into the store, as it is to be registered. */
export type WantedPath = { readonly info: PathInfo; readonly check: ContentCheck | null };

export type WantedSources = {
  readonly derivations: Pick<Derivations, 'read'>;
  readonly storeDirectory: StoreDirectory;
  /** In the store alone. */
  readonly has: (path: StorePath) => Promise<boolean>;
  /** In the store, or where builders upload to themselves. */
  readonly measure: Measure;
  /** Of one archive. */
  readonly maxOutputBytes: () => number;
  readonly refusals: Refusals;
};

/**
 * What of the paths that a builder hands over for these attempts the store is to take: outputs of theirs, and what these
 * need that only a cache has. What is there already is left out.
 * @throws CallError for anything else
 */
export async function findWanted(
  infos: readonly PathInfo[],
  attempts: readonly LiveAttempt[],
  sources: WantedSources,
): Promise<ReadonlyMap<StorePath, WantedPath>> {
  refuseExcess(infos, sources);
  const wanted = new Map<StorePath, WantedPath>();
  const others: PathInfo[] = [];
  for (const info of infos) {
    const output = asOutput(info, attempts, sources);
    if (output === null) others.push(info);
    else wanted.set(info.path, output);
  }
  for (const info of await findAbsent(others, sources)) {
    await insistOnOrigin(info, attempts, sources);
    wanted.set(info.path, { info, check: null });
  }
  return wanted;
}

function refuseExcess(infos: readonly PathInfo[], sources: WantedSources): void {
  const most = sources.maxOutputBytes();
  const excess = infos.find(({ narSize }) => narSize > most);
  if (excess === undefined) return;
  const message = `${excess.path} has ${excess.narSize} bytes, which is more than ${most}`;
  throw sources.refusals.refuse('too-large', message);
}

/** Null for what is no output of theirs. */
function asOutput(
  info: PathInfo,
  attempts: readonly LiveAttempt[],
  { derivations, storeDirectory, refusals }: WantedSources,
): WantedPath | null {
  for (const { derivation } of attempts) {
    const output = findOutput(derivations, derivation, info.path);
    if (output === undefined) continue;
    const claim = claimOutput(storeDirectory, output, info);
    if (claim !== null) {
      const { contentAddress, check } = claim;
      return { info: { ...info, contentAddress, deriver: derivation, signatures: [] }, check };
    }
    const message = `what is said of ${info.path} does not lead to its path`;
    throw refusals.refuse('unwanted-paths', message);
  }
  return null;
}

/** A builder that could not ask sends what is there, too. */
async function findAbsent(
  infos: readonly PathInfo[],
  { has }: Pick<WantedSources, 'has'>,
): Promise<PathInfo[]> {
  const absent: PathInfo[] = [];
  for (const info of infos) if (!(await has(info.path))) absent.push(info);
  return absent;
}

/** It is what a cache has, with every byte; or Nix was used to build, and nobody can tell what it has made on the way. */
async function insistOnOrigin(
  { path, narHash }: PathInfo,
  attempts: readonly LiveAttempt[],
  { derivations, measure, refusals }: WantedSources,
): Promise<void> {
  const known = (await measure([path])).get(path);
  if (known !== undefined && equalHashes(known.narHash, narHash)) return;
  const isRecursive = attempts.some(({ derivation }) =>
    requiredSystemFeatures(derivations.read(derivation)).includes('recursive-nix'),
  );
  if (!isRecursive) throw refuseUnwanted(path, refusals);
}

const refuseUnwanted = (path: StorePath, refusals: Refusals): CallError =>
  refusals.refuse('unwanted-paths', `${path} is no output of what is being built`);
