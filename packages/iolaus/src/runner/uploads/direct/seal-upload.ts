import { environmentVariable, knownOutputPaths } from '@iolaus/nix';
import type { BasicDerivation, Narinfo, StoreDirectory, StorePath } from '@iolaus/nix';
import type { InTurn } from '../../../cache/in-turn.ts';
import { completeMultipart } from '../../../cache/objects/s3/multipart.ts';
import { everyCheck } from '../../../cache/presigned/content-check.ts';
import type { ContentCheck } from '../../../cache/presigned/content-check.ts';
import { believeUploaded, examineUploaded } from '../../../cache/presigned/examine-uploaded.ts';
import { referenceCheck } from '../../../cache/presigned/reference-check.ts';
import { describe, describeContents, sealPath } from '../../../cache/publish/publish-path.ts';
import type { StoredArchive } from '../../../cache/publish/store-archive.ts';
import { Fault } from '../../../fault/fault.ts';
import type { FinishedUpload } from '../../../protocol/direct-upload.ts';
import type { Refusals } from '../../builders/refusals.ts';
import type { Derivations } from '../../store/derivations.ts';
import { claimOutput, findOutput } from '../../attempts/find-output.ts';
import type { Granted, GrantedPath } from './granted.ts';
import type { Multiparts } from './multiparts.ts';

export type SealOptions = {
  readonly derivations: Pick<Derivations, 'read' | 'resolve'>;
  readonly storeDirectory: StoreDirectory;
  readonly multiparts: Multiparts;
  readonly refusals: Refusals;
  readonly trustsBuilders: () => boolean;
  /** What is done to one object is done by one at a time: it may be deleted where it is wrong. */
  readonly lookInTurn: InTurn;
};

/** Makes a path that a builder has put there to one that everybody can fetch. @throws CallError, Fault */
export async function sealUpload(
  granted: Granted,
  path: GrantedPath,
  upload: FinishedUpload,
  options: SealOptions,
): Promise<void> {
  const { place, needs, paths, ending } = granted;
  const { info, check } = readClaims(granted, upload, options);
  const stored = await options.lookInTurn(path.key, async () => {
    const isNew = await putTogether(granted, path, upload, options);
    return lookAt(granted, path, upload, { check, isNew, options });
  });
  const { cache } = place;
  if (stored.listing !== null) await describeContents(cache, info.path, stored, stored.listing);
  await needs;
  const siblings = info.references.filter((other) => other !== info.path);
  await Promise.all(siblings.flatMap((other) => paths.get(other)?.sealed.promise ?? []));
  ending.signal.throwIfAborted();
  await sealPath(cache, describe(info, stored));
}

type Claims = {
  readonly info: Omit<Narinfo, 'url' | 'compression' | 'fileHash' | 'fileSize'>;
  readonly check: ContentCheck;
};

/** What of a builder's words may be signed when its bytes are right. */
function readClaims(
  { live: { derivation } }: Granted,
  { narinfo }: FinishedUpload,
  { derivations, storeDirectory, refusals }: SealOptions,
): Claims {
  const { path, narHash, narSize, references } = narinfo;
  const output = findOutput(derivations, derivation, path);
  const claim = output === undefined ? null : claimOutput(storeDirectory, output, narinfo);
  if (output === undefined || claim === null)
    throw refusals.refuse('unwanted-upload', `what is said of ${path} does not lead to its path`);
  const mustBeSaid = output.type === 'fixed' ? [] : madeWith(derivations.resolve(derivation));
  const ofReferences = referenceCheck(references, mustBeSaid);
  return {
    check: everyCheck([claim.check ?? [], ofReferences].flat()),
    info: {
      path,
      narHash,
      narSize,
      contentAddress: claim.contentAddress,
      references: [...references].sort(),
      deriver: derivation,
      signatures: [],
    },
  };
}

/** What Nix registers as a reference wherever it is in an output: all that is known of it, without what inputs need. */
function madeWith(derivation: BasicDerivation): StorePath[] {
  // It may want some of them to be left out.
  if (environmentVariable(derivation, '__json')?.includes('unsafeDiscardReferences') === true)
    return [];
  return [...derivation.inputSources, ...knownOutputPaths(derivation).values()];
}

/** Whether an object came of it that was not there before. */
async function putTogether(
  { place }: Granted,
  path: GrantedPath,
  { multipart, alreadyPresent }: FinishedUpload,
  { multiparts, refusals }: SealOptions,
): Promise<boolean> {
  const open = path.multipart;
  if (multipart === null || open === null) return !alreadyPresent;
  if (multipart.uploadId !== open.uploadId)
    throw refusals.refuse('unwanted-upload', `${open.key} is not uploaded as that`);
  const parts = multipart.parts.map(({ number, etag }) => ({ number, etag: quoted(etag) }));
  path.multipart = null;
  try {
    const outcome = await completeMultipart(place.client, open, parts, { ifAbsent: true });
    await multiparts.ended(place, open);
    return outcome === 'created';
  } catch (error) {
    await multiparts.abort(place, open);
    throw error;
  }
}

async function lookAt(
  { place, ending }: Granted,
  { key, claim, packing: { compression } }: GrantedPath,
  { narinfo: { fileHash, fileSize } }: FinishedUpload,
  seen: { check: ContentCheck; isNew: boolean; options: SealOptions },
): Promise<StoredArchive> {
  const { cache } = place;
  const { signal } = ending;
  const { check, isNew, options } = seen;
  if (!isNew) await cache.sweeps.spare([key]);
  // What somebody else put there is nothing that this builder could vouch for.
  if (isNew && options.trustsBuilders() && fileHash !== null && fileSize !== null)
    return believeUploaded(cache, { url: key, compression, fileHash, fileSize }, signal);
  try {
    return await examineUploaded(cache, { url: key, compression }, claim, { check, signal });
  } catch (error) {
    if (!isNew || !(error instanceof Fault) || error.code !== 'untrue-archive') throw error;
    throw options.refusals.refuse('false-hash', error.message);
  }
}

const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);
