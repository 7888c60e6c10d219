import type { ListedObject } from '../object-store.ts';
import type { S3Client } from './s3-client.ts';
import { readElement, readElements } from './xml.ts';

/** Asks for a thousand at a time, which is what S3 gives. */
export async function* listObjects(
  client: S3Client,
  prefix: string,
  after: string | undefined,
): AsyncGenerator<ListedObject, void, undefined> {
  let token: string | null = null;
  do {
    const query: Record<string, string> = {
      'list-type': '2',
      prefix,
      ...(after === undefined || token !== null ? {} : { 'start-after': after }),
      ...(token === null ? {} : { 'continuation-token': token }),
    };
    const answer = await client.sendForText({ method: 'GET', key: '', query });
    if (answer.type === 'refused') throw answer.fault;
    for (const entry of readElements(answer.text, 'Contents'))
      yield {
        key: readElement(entry, 'Key') ?? '',
        sizeInBytes: Number(readElement(entry, 'Size') ?? 0),
      };
    token = readElement(answer.text, 'NextContinuationToken');
  } while (token !== null);
}
