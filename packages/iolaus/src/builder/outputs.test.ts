import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DaemonConnection, fromUtf8, printStorePath } from '@iolaus/nix';
import { openScene } from './testing/scene.ts';
import type { Scene } from './testing/scene.ts';
import { failureOf, outOf } from './testing/reports.ts';

test("how large outputs are in a store that is the runner's too is left to the runner", async () => {
  await using scene = await openScene();
  const { attempt, output } = await scene.order({ script: 'printf contents > $out' });
  const out = outOf(await scene.runner.reportOf(attempt));
  assert.equal(out.path, output);
  assert.equal(out.figures, null);
});

test('an output may be as large as was ordered, and not a byte larger', async () => {
  await using scene = await openScene({ runner: { sharesStore: false } });
  const script = 'printf contents > $out';
  const exact = await scene.order({ script, maxOutputBytes: 120 });
  assert.equal((await scene.runner.reportOf(exact.attempt)).result.type, 'succeeded');
  const tight = await scene.order({ script, maxOutputBytes: 119 });
  const { failure, message } = failureOf(await scene.runner.reportOf(tight.attempt));
  assert.equal(failure, 'output-limit-exceeded');
  assert.match(message, /120 bytes, which is more than 119/);
});

test('an output tells of itself in nix-support', async () => {
  await using scene = await openScene();
  const { attempt, output } = await scene.order({
    script: `/bin/mkdir -p $out/nix-support; cd $out; printf data > file
      echo "file data $out/file" > nix-support/hydra-build-products
      echo "size 3 KiB" > nix-support/hydra-metrics
      echo thing-1 > nix-support/hydra-release-name
      echo > nix-support/failed`,
  });
  const { nixSupport } = outOf(await scene.runner.reportOf(attempt));
  assert.equal(nixSupport?.failed, true);
  assert.equal(nixSupport.releaseName, 'thing-1');
  assert.deepEqual(nixSupport.metrics, [{ name: 'size', value: 3, unit: 'KiB' }]);
  const [product] = nixSupport.products;
  assert.equal(product?.storePath, output);
  assert.equal(product.subPath, 'file');
  assert.equal(product.fileSize, 4);
});

test('the closure of an output counts what it refers to', async () => {
  await using scene = await openScene({ runner: { sharesStore: false } });
  const { storeDirectory } = scene.daemon.address;
  const below = await scene.order({ script: 'printf contents > $out' });
  await scene.runner.reportOf(below.attempt);
  const above = await scene.order({
    script: `printf ${printStorePath(storeDirectory, below.output)} > $out`,
    inputs: [below.output],
  });
  const out = outOf(await scene.runner.reportOf(above.attempt));
  assert.ok(out.figures !== null);
  assert.equal(out.figures.closureSize, out.figures.narSize + 120);
});

test('outputs whose path only the build can tell are reported with it', async () => {
  await using scene = await openScene();
  const { attempt } = await scene.order({
    script: 'echo floating > $out',
    change: (derivation) => ({
      ...derivation,
      outputs: new Map([['out', { type: 'floating', method: 'nar', algorithm: 'sha256' }]]),
      environment: new Map([
        ...derivation.environment,
        [fromUtf8('out'), fromUtf8('/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9')],
      ]),
    }),
  });
  assert.match(outOf(await scene.runner.reportOf(attempt)).path, /-thing$/);
});

test("a builder that has the runner's store uploads nothing: the runner publishes from there", async () => {
  // This runner answers no questions about uploads.
  await using scene = await openScene();
  const { attempt } = await scene.order({
    script: 'echo > $out',
    presignedUpload: { debugInfo: false },
  });
  outOf(await scene.runner.reportOf(attempt));
});

test('outputs stay in the store while the runner has not taken note of them', async () => {
  await using scene = await openScene();
  const { attempt, output } = await scene.order({ script: 'echo > $out' });
  await scene.runner.reportOf(attempt);
  await collectGarbage(scene);
  await using connection = await DaemonConnection.connect(scene.daemon.address);
  assert.equal(await connection.isValidPath(output), true);
});

async function collectGarbage(scene: Scene): Promise<void> {
  await promisify(execFile)('nix-store', ['--gc'], { env: scene.daemon.environment });
}
