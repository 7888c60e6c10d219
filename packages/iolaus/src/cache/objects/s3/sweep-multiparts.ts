import { abortMultipart } from './multipart.ts';
import type { S3Client } from './s3-client.ts';
import { readElement, readElements } from './xml.ts';

/** No upload takes that long; what is older was left by somebody who was killed, or never heard that it had begun. */
const ageMillisecondsMin = 2 * 24 * 3_600_000;

/**
 * Aborts uploads of archives and logs that nobody will complete: S3 keeps their parts for ever. A thousand at most, which S3 lists at
 * a time; there are more tomorrow.
 * @returns how many there were
 */
export async function sweepMultiparts(client: S3Client, now: number): Promise<number> {
  // Without a prefix: MinIO takes one for the whole key.
  const query = { uploads: '' };
  const answer = await client.sendForText({ method: 'GET', key: '', query });
  if (answer.type === 'refused') throw answer.fault;
  const old = readElements(answer.text, 'Upload').filter(
    (upload) =>
      /^(nar|log)\//.test(readElement(upload, 'Key') ?? '') &&
      Date.parse(readElement(upload, 'Initiated') ?? '') < now - ageMillisecondsMin,
  );
  for (const upload of old) {
    const [key, uploadId] = ['Key', 'UploadId'].map((name) => readElement(upload, name) ?? '');
    if (key !== undefined && uploadId !== undefined)
      await abortMultipart(client, { key, uploadId });
  }
  return old.length;
}
