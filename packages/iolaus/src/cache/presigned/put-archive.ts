import { NarMeter } from '@iolaus/nix';
import type { Hash, NarListing } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import { compress } from '../compression/compress.ts';
import type { CompressionChoice } from '../compression/compression.ts';
import type { Chunks } from '../compression/through.ts';
import { intoParts } from '../objects/s3/into-parts.ts';
import type { UploadedPart } from '../objects/s3/multipart.ts';
import { sendParts } from '../objects/s3/send-parts.ts';
import { ArchiveCheck } from '../publish/check-archive.ts';
import type { ArchiveClaim } from '../publish/check-archive.ts';
import { packedBytesMax } from '../publish/store-archive.ts';
import type { PartAddresses } from './part-addresses.ts';
import { putObject } from './put-object.ts';
import type { Sender } from './put-object.ts';

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
  const { compression, level, multipart } = target;
  const packing = { compression, level, sizeInBytes: claim.narSize, parallel: false };
  const packed = file.measure(compress(check.watch(archive), packing));
  const put =
    multipart === null
      ? await putWhole(sender, target.url, packed, packedBytesMax(claim))
      : await putParts(sender, multipart, packed, packedBytesMax(claim));
  const { hash: fileHash, size: fileSize } = file.finish();
  return { fileHash, fileSize, listing: check.listing, ...put };
}

type Put = Pick<PutArchive, 'parts' | 'alreadyPresent'>;

/** Runners that cannot do otherwise want archives of any size in one piece, which has to be in memory. */
const wholeBytesMax = 512 * 2 ** 20;

/** Through memory: what is put so is small. */
async function putWhole(
  sender: Sender,
  url: string,
  packed: AsyncIterable<Uint8Array>,
  sizeInBytesMax: number,
): Promise<Put> {
  if (sizeInBytesMax > wholeBytesMax)
    throw new Fault(
      'untrue-archive',
      `the runner wants ${sizeInBytesMax} bytes in one piece, which is more than ${wholeBytesMax}`,
      { remedy: 'Give the runner credentials that let it upload in parts.' },
    );
  const chunks: Buffer[] = [];
  for await (const part of intoParts(packed, sizeInBytesMax, sizeInBytesMax)) chunks.push(part);
  const [body = Buffer.alloc(0)] = chunks;
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
  const parts = await sendParts(
    intoParts(packed, partBytes, sizeInBytesMax, sender.spare),
    (part, number, failing) => {
      const signal = AbortSignal.any([sender.signal, failing]);
      return putPart({ ...sender, signal }, addresses, part, number);
    },
    sender.spare,
  );
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
