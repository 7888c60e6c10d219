import { Fault } from '../../../fault/fault.ts';
import type { ObjectStore, PutOutcome } from '../object-store.ts';
import { S3Store } from './s3-store.ts';
import type { S3Client } from './s3-client.ts';
import { encodeStrictly } from './signature.ts';

/** S3 copies no more in one request. */
const copiedBytesMax = 5 * 2 ** 30;

/** Two buckets between which the server itself may copy. */
export type S3Pair = { readonly from: S3Client; readonly to: S3Client };

/** Null where they are no two buckets of one server that the same credentials open. */
export function asS3Pair(from: ObjectStore, to: ObjectStore): S3Pair | null {
  if (!(from instanceof S3Store) || !(to instanceof S3Store)) return null;
  const [one, other] = [from.client.place, to.client.place];
  const isSame =
    one.endpoint.origin === other.endpoint.origin &&
    one.region === other.region &&
    one.profile === other.profile;
  return isSame ? { from: from.client, to: to.client } : null;
}

/**
 * Has the server copy an object to the same key of the other bucket, with its headers; what is there stays. Null where
 * it does not do so: the object is too large, or it may not, or does not know how. @throws Fault
 */
export async function copyObject(
  { from, to }: S3Pair,
  key: string,
  sizeInBytes: number,
): Promise<PutOutcome | null> {
  if (sizeInBytes > copiedBytesMax) return null;
  const { storageClass } = to.place;
  const source = [from.place.bucket, ...key.split('/')].map(encodeStrictly).join('/');
  const headers = {
    'if-none-match': '*',
    'x-amz-copy-source': `/${source}`,
    ...(storageClass === null ? {} : { 'x-amz-storage-class': storageClass }),
  };
  const answer = await to.sendForText({ method: 'PUT', key, headers });
  if (answer.type === 'done') return 'created';
  if (answer.status === 412) return 'exists';
  if (answer.code === 'NoSuchKey')
    throw new Fault('cache-damaged', `s3://${from.place.bucket} lacks ${key}`);
  return null;
}
