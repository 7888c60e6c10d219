import { NarMeter } from '@iolaus/nix';
import type { Hash, NarListing } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import { compress } from '../compression/compress.ts';
import type { CompressionChoice } from '../compression/compression.ts';
import type { Chunks } from '../compression/through.ts';
import { gatherInTurn, smallBytesMax } from '../objects/gather.ts';
import { intoOnePart, intoParts } from '../objects/s3/into-parts.ts';
import type { UploadedPart } from '../objects/s3/multipart.ts';
import { sendParts } from '../objects/s3/send-parts.ts';
import { ArchiveCheck } from '../publish/check-archive.ts';
import type { ArchiveClaim } from '../publish/check-archive.ts';
import { packedBytesMax } from '../publish/store-archive.ts';
import type { PartAddresses } from './part-addresses.ts';
import { putObject } from './put-object.ts';
import type { PutRequest, Sender } from './put-object.ts';
import { spool } from './spool.ts';

/** Where an archive is to be put: whole at one address, or in parts of that size. */
export type ArchiveTarget = CompressionChoice & {
  readonly url: string;
  readonly multipart: {
    readonly partBytes: number;
    readonly addresses: PartAddresses;
  } | null;
};

/** An archive that is where it should be, or in parts that somebody else has to put together. */
export type PutArchive = {
  readonly fileHash: Hash;
  readonly fileSize: number;
  readonly listing: NarListing | null;
  readonly parts: readonly UploadedPart[] | null;
  /** There was one under that name, which stayed. */
  readonly alreadyPresent: boolean;
};

/**
 * Compresses an archive and puts it, in bounded memory: it is read once.
 * @throws Fault `untrue-archive` if it is not what is claimed; then no part makes it to an object
 */
export async function putArchive(
  sender: Sender,
  target: ArchiveTarget,
  claim: ArchiveClaim,
  archive: Chunks,
): Promise<PutArchive> {
  const check = new ArchiveCheck(claim, { lists: true });
  const file = new NarMeter();
  const { compression, level } = target;
  const packing = { compression, level, sizeInBytes: claim.narSize, parallel: false };
  const packed = file.measure(compress(check.watch(archive), packing));
  const put =
    claim.narSize <= smallBytesMax
      ? await putSmall(sender, target, await gatherInTurn(packed))
      : await putLarge(sender, target, packed, packedBytesMax(claim));
  const { hash: fileHash, size: fileSize } = file.finish();
  return { fileHash, fileSize, listing: check.listing, ...put };
}

type Put = Pick<PutArchive, 'parts' | 'alreadyPresent'>;

async function putSmall(
  sender: Sender,
  { url, multipart }: ArchiveTarget,
  packed: Buffer,
): Promise<Put> {
  if (multipart === null) return putBody(sender, url, packed);
  return { parts: [await putPart(sender, multipart.addresses, packed, 1)], alreadyPresent: false };
}

const putLarge = (
  sender: Sender,
  { url, multipart }: ArchiveTarget,
  packed: AsyncIterable<Uint8Array>,
  sizeInBytesMax: number,
): Promise<Put> =>
  multipart === null
    ? putWhole(sender, url, packed, sizeInBytesMax)
    : putParts(sender, multipart, packed, sizeInBytesMax);

/** From here on what goes in one piece waits on disk for its turn, as it does with runners that cannot let it go in parts. */
const inMemoryBytesMax = 8 * 2 ** 20;
/** S3's own. */
const wholeBytesMax = 5 * 2 ** 30;

/** @throws Fault for what S3 would take only in parts */
async function putWhole(
  sender: Sender,
  url: string,
  packed: AsyncIterable<Uint8Array>,
  sizeInBytesMax: number,
): Promise<Put> {
  if (sizeInBytesMax <= inMemoryBytesMax) {
    using whole = await intoOnePart(packed, sizeInBytesMax);
    return await putBody(sender, url, whole.bytes);
  }
  await using spooled = await spool(packed);
  if (spooled.sizeInBytes > wholeBytesMax)
    throw new Fault(
      'cache-refused',
      `S3 takes no ${spooled.sizeInBytes} bytes in one piece, as the runner wants to have it`,
      { remedy: 'Give the runner credentials that let it upload in parts.' },
    );
  return await putBody(sender, url, spooled);
}

async function putBody(sender: Sender, url: string, body: PutRequest['body']): Promise<Put> {
  const headers = { 'content-type': 'application/x-nix-nar', 'if-none-match': '*' };
  const answer = await putObject(sender, { url, headers, body });
  if (answer.type === 'refused') throw answer.fault;
  return { parts: null, alreadyPresent: answer.type === 'exists' };
}

async function putParts(
  sender: Sender,
  { partBytes, addresses }: NonNullable<ArchiveTarget['multipart']>,
  packed: AsyncIterable<Uint8Array>,
  sizeInBytesMax: number,
): Promise<Put> {
  const packedParts = intoParts(packed, Math.min(partBytes, sizeInBytesMax));
  const parts = await sendParts(packedParts, (part, number, failing) => {
    const signal = AbortSignal.any([sender.signal, failing]);
    return putPart({ ...sender, signal }, addresses, part, number);
  });
  return { parts, alreadyPresent: false };
}

/** An address that has expired is renewed once. */
async function putPart(
  sender: Sender,
  addresses: PartAddresses,
  body: Buffer,
  number: number,
): Promise<UploadedPart> {
  const put = async () => putObject(sender, { url: await addresses.of(number), headers: {}, body });
  let answer = await put();
  if (answer.type === 'refused') {
    await addresses.renew(number);
    answer = await put();
  }
  if (answer.type === 'refused') throw answer.fault;
  if (answer.type === 'put' && answer.etag !== null) return { number, etag: answer.etag };
  throw new Fault('cache-refused', `part ${number} was taken without an ETag`);
}
