import type { S3Place } from '../../address/store-address.ts';

/** S3 knows 10,000; some are left for what does not compress. */
const partsPlanned = 9_000;

/** How large the parts of an object are that may become so large. */
export function partBytesFor({ partBytes }: S3Place, sizeInBytesMax: number): number {
  return Math.max(partBytes, Math.ceil(sizeInBytesMax / partsPlanned));
}
