import { abortMultipart, createMultipart } from '../../../cache/objects/s3/multipart.ts';
import type { MultipartUpload } from '../../../cache/objects/s3/multipart.ts';
import { sweepMultiparts } from '../../../cache/objects/s3/sweep-multiparts.ts';
import { archiveHeaders } from '../../../cache/presigned/open-archive.ts';
import { every } from '../../../clock/clock.ts';
import type { Clock } from '../../../clock/clock.ts';
import type { Database } from '../../../database/connection/connection.ts';
import {
  deleteMultipart,
  insertMultipart,
  readMultiparts,
} from '../../../database/multipart-uploads.ts';
import { describeError } from '../../../fault/fault.ts';
import type { Logger } from '../../../logging/logger.ts';
import type { DirectCache } from './direct-cache.ts';

const dayMilliseconds = 24 * 3_600_000;

type Place = Pick<DirectCache, 'address' | 'client'>;

/** Uploads in parts that builders were allowed. Until they end, S3 keeps their parts and wants money for them. */
export type Multiparts = {
  begin(place: Place, key: string): Promise<MultipartUpload>;
  /** It has become an object. */
  ended(place: Place, upload: MultipartUpload): Promise<void>;
  /** Nobody will complete it. What cannot be aborted now is aborted by the next runner. */
  abort(place: Place, upload: MultipartUpload): Promise<void>;
};

export function openMultiparts(database: Database, logger: Logger): Multiparts {
  const ended: Multiparts['ended'] = ({ address }, { uploadId }) =>
    deleteMultipart(database, { store: address, uploadId });
  return {
    ended,
    begin: async ({ address, client }, key) => {
      const upload = await createMultipart(client, key, archiveHeaders(client));
      await insertMultipart(database, { store: address, ...upload });
      return upload;
    },
    abort: async (place, upload) => {
      try {
        await abortMultipart(place.client, upload);
        await ended(place, upload);
      } catch (error) {
        const { key } = upload;
        logger.warn({ key, error: describeError(error) }, 'an upload could not be aborted yet');
      }
    },
  };
}

/**
 * Aborts what builders of earlier runners left behind: whoever still lives begins anew. Resolves when it is known what that
 * is; nobody has to wait for a cache that is away.
 */
export async function abortLeftOvers(
  database: Database,
  multiparts: Multiparts,
  placeOf: (store: string) => Place | null,
): Promise<void> {
  for (const { store, ...upload } of await readMultiparts(database)) {
    const place = placeOf(store);
    if (place !== null) void multiparts.abort(place, upload);
  }
}

/** Once a day: aborts what even the table does not know. Disposing ends it. */
export function sweepDaily(
  direct: () => Pick<DirectCache, 'client'> | null,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Disposable {
  const sweep = async (): Promise<void> => {
    const client = direct()?.client;
    if (client === undefined) return;
    try {
      const count = await sweepMultiparts(client, clock.now());
      if (count > 0) logger.info({ count }, 'forgotten uploads were aborted');
    } catch (error) {
      logger.warn({ error: describeError(error) }, 'forgotten uploads could not be looked for');
    }
  };
  const stop = every(clock, dayMilliseconds, () => void sweep());
  return { [Symbol.dispose]: stop };
}
