import type { IncomingMessage } from 'node:http';
import { checkSignature } from './check-signature.ts';
import { FakeBucket } from './fake-bucket.ts';
import { failure, serveWithFaults, urlOf } from './faulty-server.ts';
import type { Answer, Answerer, FaultyServer, SeenRequest } from './faulty-server.ts';

export interface FakeS3 extends FaultyServer {
  /** Every bucket but the one that is called `overflow`. */
  readonly bucket: FakeBucket;
  readonly overflow: FakeBucket;
  /** Against the clock of this process. */
  setClock(skewMilliseconds: number): void;
}

/** An S3 server with two buckets in memory, that keeps S3's rules strictly. */
export async function startFakeS3(
  options: {
    readonly latencyMilliseconds?: number;
  } = {},
): Promise<FakeS3> {
  const bucket = new FakeBucket();
  const overflow = new FakeBucket();
  const bucketNamed = (name: string | undefined): FakeBucket =>
    name === 'overflow' ? overflow : bucket;
  let skew = 0;
  const carryOut = (request: IncomingMessage, seen: SeenRequest, body: Buffer): Answer => {
    const asked = bucketNamed(urlOf(request).pathname.split('/')[1]);
    const source = sourceOf(request);
    if (source === null) return asked.answer(request, seen, body);
    const copied = bucketNamed(source.bucket).objects.get(source.key);
    return asked.copy(seen.key, copied, request.headers);
  };
  const answerer: Answerer = (request, seen, body) => {
    const now = Date.now() + skew;
    const refused = checkSignature(request, urlOf(request), body, now);
    const answer = refused === null ? carryOut(request, seen, body) : failure(...refused);
    return { ...answer, headers: { ...answer.headers, date: new Date(now).toUTCString() } };
  };
  return {
    ...(await serveWithFaults(answerer, options)),
    ...{ bucket, overflow },
    setClock: (milliseconds) => void (skew = milliseconds),
  };
}

/** What is to be copied, if anything. */
function sourceOf({ headers }: IncomingMessage) {
  const [, bucket, ...names] = String(headers['x-amz-copy-source'] ?? '').split('/');
  return bucket === undefined ? null : { bucket, key: decodeURIComponent(names.join('/')) };
}
