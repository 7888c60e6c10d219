import type { NarListing } from '@iolaus/nix';
import { parseCompression } from '../../cache/compression/compression.ts';
import { putObject } from '../../cache/presigned/put-object.ts';
import type { Sender } from '../../cache/presigned/put-object.ts';
import { debugLinkKeys, findDebugLinks, printDebugLink } from '../../cache/publish/debug-links.ts';
import { printListing } from '../../cache/publish/publish-path.ts';
import { packObject } from '../../cache/write-object.ts';
import type { ObjectGrant, UploadGrant } from '../../protocol/direct-upload.ts';

/**
 * Puts what a runner wants to have said of an archive besides.
 * @param renew the same grant with other addresses: an archive may take longer than the first ones are good
 */
export async function putDescriptions(
  sender: Sender,
  grant: UploadGrant,
  listing: NarListing,
  renew: () => Promise<UploadGrant | null>,
): Promise<void> {
  for (const { object, bytes } of describe(grant, listing)) {
    const fault = await putDescription(sender, object, bytes);
    if (fault === null) continue;
    const renewed = objectsOf(await renew()).find(({ key }) => key === object.key);
    const again = renewed === undefined ? null : await putDescription(sender, renewed, bytes);
    if (again !== null) throw again;
  }
}

type Description = { readonly object: ObjectGrant; readonly bytes: Uint8Array };

/** The cache already has the links of build ids without a grant. */
function describe(grant: UploadGrant, listing: NarListing): Description[] {
  const printed = grant.listing === null ? null : printListing(listing);
  const links = findDebugLinks(listing).flatMap((link) =>
    grant.debugLinks
      .filter(({ key }) => debugLinkKeys(link).includes(key))
      .map((object) => ({ object, bytes: printDebugLink(grant.url, link) })),
  );
  return grant.listing === null || printed === null
    ? links
    : [{ object: grant.listing, bytes: printed }, ...links];
}

/** Null where it is there. */
async function putDescription(sender: Sender, object: ObjectGrant, bytes: Uint8Array) {
  const compression = parseCompression(object.compression) ?? 'none';
  const packed = await packObject(bytes, { compression, level: object.level });
  const { contentEncoding } = packed.contentEncoding;
  const headers = {
    'content-type': 'application/json',
    ...(contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding }),
  };
  const answer = await putObject(sender, { url: object.url, headers, body: packed.bytes });
  return answer.type === 'refused' ? answer.fault : null;
}

const objectsOf = (grant: UploadGrant | null): ObjectGrant[] =>
  grant === null ? [] : [...(grant.listing === null ? [] : [grant.listing]), ...grant.debugLinks];
