import { Fault } from '../../../fault/fault.ts';
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
        modifiedAt: readTime(client, readElement(entry, 'LastModified')),
      };
    token = readElement(answer.text, 'NextContinuationToken');
  } while (token !== null);
}

/** Whoever clears up goes by it: none is worse than an error. */
function readTime({ place }: S3Client, text: string | null): number {
  const time = Date.parse(text ?? '');
  if (!Number.isNaN(time)) return time;
  throw new Fault(
    'cache-refused',
    `s3://${place.bucket} does not say when its objects were written`,
  );
}
