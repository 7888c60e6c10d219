import { headerOf } from '../../http/http-client.ts';
import type { HttpAnswer } from '../../http/http-client.ts';
import type { S3Request } from './s3-client.ts';

/** Requests of one kind. The time is until the answer begins: what is read of it goes on to somebody slower. */
export type Transfers = { count: number; bytes: number; milliseconds: number };

/** What was sent to a bucket and fetched from it since it was opened, tries in vain included. */
export type S3Traffic = { readonly put: Transfers; readonly get: Transfers; head: number };

export const noTraffic = (): S3Traffic => ({
  put: { count: 0, bytes: 0, milliseconds: 0 },
  get: { count: 0, bytes: 0, milliseconds: 0 },
  head: 0,
});

export function noteRequest(
  traffic: S3Traffic,
  { method, body }: S3Request,
  answer: HttpAnswer,
  milliseconds: number,
): void {
  const note = (transfers: Transfers, bytes: number): void => {
    transfers.count += 1;
    transfers.bytes += bytes;
    transfers.milliseconds += milliseconds;
  };
  if (method === 'HEAD') traffic.head += 1;
  else if (method === 'GET') note(traffic.get, Number(headerOf(answer, 'content-length') ?? 0));
  // What is begun and completed in parts costs as much. Deleting costs nothing.
  else if (method !== 'DELETE') note(traffic.put, body?.length ?? 0);
}
