import { parseBaseName, printNix32 } from '@iolaus/nix';
import { parseCacheAddress } from '../../packages/iolaus/src/cache/address/parse-address.ts';
import { openBinaryCache } from '../../packages/iolaus/src/cache/binary-cache.ts';
import { fakeEnvironment } from '../../packages/iolaus/src/cache/testing/fake-credentials.ts';
import { startServer } from './start-server.ts';

const count = 100_000;

/** Of paths that nobody has asked about before, with a server that takes its time. */
export async function measurePresence(): Promise<{ readonly presenceSeconds: number }> {
  await using server = await startServer('slow-fake');
  const address = parseCacheAddress(`s3://cache?endpoint=${server.endpoint}`);
  using cache = openBinaryCache(address, { environment: fakeEnvironment });
  const paths = Array.from({ length: count }, (_, number) => {
    const digest = Buffer.alloc(20);
    digest.writeUInt32LE(number);
    return parseBaseName(`${printNix32(digest)}-path`);
  });
  const begun = performance.now();
  const missing = await cache.presence.findMissing(paths);
  if (missing.length !== count) throw new Error(`${missing.length} of ${count} are missing`);
  return { presenceSeconds: (performance.now() - begun) / 1_000 };
}
