import { partBytesFor } from '../objects/s3/part-bytes.ts';
import type { S3Client } from '../objects/s3/s3-client.ts';
import { packedBytesMax } from '../publish/store-archive.ts';
import type { PartAddress } from './part-addresses.ts';

/** More are asked for when they are needed: most archives shrink to a third. */
const partsGivenFirst = 16;
/** S3's own. */
const partsMax = 10_000;

type Size = { readonly narSize: number };

/** Whether an archive is to be put in one piece: it is a part at most, and nothing is said of it that only S3 must hear. */
export function isPutWhole({ place }: S3Client, claim: Size): boolean {
  return packedBytesMax(claim) <= place.partBytes && place.storageClass === null;
}

/** Where an object may be put once: who wants to replace one needs another address. */
export async function presignWhole(client: S3Client, key: string): Promise<string> {
  const headers = { 'if-none-match': '*' };
  return (await client.presign({ method: 'PUT', key, headers })).href;
}

export const archiveHeaders = ({ place }: S3Client): Record<string, string> => ({
  'content-type': 'application/x-nix-nar',
  ...(place.storageClass === null ? {} : { 'x-amz-storage-class': place.storageClass }),
});

/** The first parts of an archive of this size. */
export function firstParts({ place }: S3Client, claim: Size) {
  const partBytes = partBytesFor(place, packedBytesMax(claim));
  return {
    partBytes,
    count: Math.min(Math.ceil(packedBytesMax(claim) / partBytes), partsGivenFirst),
  };
}

/** The addresses of parts that S3 would take. */
export async function presignParts(
  client: S3Client,
  { key, uploadId }: { readonly key: string; readonly uploadId: string },
  first: number,
  count: number,
): Promise<PartAddress[]> {
  const last = Math.min(first + count - 1, partsMax);
  const parts: PartAddress[] = [];
  for (let number = first; number <= last; number += 1) {
    const query = { partNumber: String(number), uploadId };
    parts.push({ number, url: (await client.presign({ method: 'PUT', key, query })).href });
  }
  return parts;
}
