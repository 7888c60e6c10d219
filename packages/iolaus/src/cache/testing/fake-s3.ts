import { checkSignature } from './check-signature.ts';
import { FakeBucket } from './fake-bucket.ts';
import { failure, serveWithFaults, urlOf } from './faulty-server.ts';
import type { Answerer, FaultyServer } from './faulty-server.ts';

export interface FakeS3 extends FaultyServer {
  readonly bucket: FakeBucket;
  /** Against the clock of this process. */
  setClock(skewMilliseconds: number): void;
}

/** An S3 server with one bucket in memory, that keeps S3's rules strictly. */
export async function startFakeS3(
  options: {
    readonly latencyMilliseconds?: number;
  } = {},
): Promise<FakeS3> {
  const bucket = new FakeBucket();
  let skew = 0;
  const answerer: Answerer = (request, seen, body) => {
    const now = Date.now() + skew;
    const refused = checkSignature(request, urlOf(request), body, now);
    const answer = refused === null ? bucket.answer(request, seen, body) : failure(...refused);
    return { ...answer, headers: { ...answer.headers, date: new Date(now).toUTCString() } };
  };
  return {
    ...(await serveWithFaults(answerer, options)),
    bucket,
    setClock: (milliseconds) => void (skew = milliseconds),
  };
}
