import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBinaryCache } from '../../cache/binary-cache.ts';
import { parseCacheAddress } from '../../cache/address/parse-address.ts';
import { fakeEnvironment } from '../../cache/testing/fake-credentials.ts';
import { startFakeS3 } from '../../cache/testing/fake-s3.ts';
import type { FakeS3 } from '../../cache/testing/fake-s3.ts';
import { verifyCache } from '../../cache/testing/verify-cache.ts';
import { until } from '../../testing/live-farm.ts';
import { openMixedFarm } from '../../testing/hydra/mixed-farm.ts';
import { hydraPrograms, ownBuilder, ownRunner } from '../../testing/hydra/programs.ts';
import type { Program } from '../../testing/hydra/programs.ts';

const hydra = hydraPrograms();
const pairs: readonly (readonly [Program, Program])[] = [
  [ownRunner, hydra.builder],
  ...hydra.olderBuilders.map((builder) => [ownRunner, builder] as const),
  [hydra.runner, ownBuilder],
];
// More than one part of an upload.
const largeBytes = 25_000_000;

const narinfosIn = ({ bucket }: FakeS3): number =>
  [...bucket.objects.keys()].filter((key) => key.endsWith('.narinfo')).length;

for (const [runner, builder] of pairs) {
  test(`what ${builder.name} builds comes to S3, by addresses that ${runner.name} signed if it can use them`, async () => {
    await using s3 = await startFakeS3();
    const addressIn = (storeDirectory: string): string =>
      `s3://cache?endpoint=${s3.endpoint}&scheme=http&compression=zstd&write-nar-listing=1&store=${storeDirectory}`;
    await using mixed = await openMixedFarm('token over TCP', {
      settings: ({ storeDirectory }) => ({
        remoteStoreAddr: [addressIn(storeDirectory)],
        usePresignedUploads: true,
      }),
      environment: fakeEnvironment,
    });
    const { farm } = mixed;
    await using _runner = await mixed.startRunner(runner);
    await using _builder = await mixed.startBuilder(builder);
    const queued = await farm.queueAll(`rec {
      small = run "small" "mkdir $out; echo done > $out/file" {};
      large = run "large" "head -c ${largeBytes} /dev/urandom > $out; echo \${small} $out >> $out" {};
    }`);
    await farm.database.query("select pg_notify('builds_added', '?')");
    for (const { build } of Object.values(queued)) assert.equal(await farm.statusOf(build), 0);
    // What the oldest builder hands over the runner publishes when the build is over.
    await until(() => narinfosIn(s3) === 2);
    using cache = openBinaryCache(
      parseCacheAddress(addressIn(farm.daemon.address.storeDirectory)),
      {
        environment: fakeEnvironment,
      },
    );
    assert.equal(await verifyCache(cache), 2);
    assert.equal(s3.bucket.uploads.size, 0, 'none was left open');
  });
}
