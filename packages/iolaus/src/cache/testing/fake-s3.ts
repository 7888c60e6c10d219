import type { IncomingMessage } from 'node:http';
import { checkSignature } from './check-signature.ts';
import { FakeBucket } from './fake-bucket.ts';
import { failure, serveWithFaults, urlOf } from './faulty-server.ts';
import type { Answer, Answerer, FaultyServer, SeenRequest } from './faulty-server.ts';

export interface FakeS3 extends FaultyServer {
  /** The one that is there from the beginning. */
  readonly bucket: FakeBucket;
}

/** An S3 server that holds all in memory, and keeps S3's rules strictly. It begins with one bucket. */
export async function startFakeS3({
  name = 'cache',
  region = 'us-east-1',
  latencyMilliseconds = 0,
} = {}): Promise<FakeS3> {
  const bucket = new FakeBucket();
  const buckets = new Map([[name, bucket]]);
  const carryOut = (request: IncomingMessage, seen: SeenRequest, body: Buffer): Answer => {
    const asked = urlOf(request).pathname.split('/')[1] ?? '';
    const found = buckets.get(asked);
    if (seen.key === '' && seen.method === 'PUT') return made(buckets, asked);
    if (found === undefined) return failure(404, 'NoSuchBucket');
    const source = sourceOf(request);
    if (source === null) return found.answer(request, seen, body);
    const copied = buckets.get(source.bucket)?.objects.get(source.key);
    return found.copy(seen.key, copied, request.headers);
  };
  const answerer: Answerer = (request, seen, body) => {
    const refused = checkSignature(request, urlOf(request), body, region);
    return refused === null ? carryOut(request, seen, body) : failure(...refused);
  };
  return { ...(await serveWithFaults(answerer, { latencyMilliseconds })), bucket };
}

function made(buckets: Map<string, FakeBucket>, name: string): Answer {
  if (buckets.has(name)) return failure(409, 'BucketAlreadyOwnedByYou');
  buckets.set(name, new FakeBucket());
  return { status: 200, headers: {}, body: Buffer.alloc(0) };
}

/** What is to be copied, if anything. */
function sourceOf({ headers }: IncomingMessage) {
  const [, bucket, ...names] = String(headers['x-amz-copy-source'] ?? '').split('/');
  return bucket === undefined ? null : { bucket, key: decodeURIComponent(names.join('/')) };
}
