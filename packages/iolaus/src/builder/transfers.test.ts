import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DaemonConnection, printStorePath } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { makeGate } from './testing/gate.ts';
import { openScene } from './testing/scene.ts';
import type { Scene, SceneOptions } from './testing/scene.ts';

const apart = (options: SceneOptions['runner'] = {}): SceneOptions => ({
  runner: { sharesStore: false, ...options },
});

/** Puts texts into the runner's store only; each refers to those before it as `references` says. */
async function fillRunner(
  { daemon, runner }: Scene,
  texts: readonly { readonly text: string; readonly references?: readonly number[] }[],
): Promise<StorePath[]> {
  const paths: StorePath[] = [];
  {
    await using connection = await DaemonConnection.connect(daemon.address);
    for (const { text, references = [] } of texts) {
      const referred = references.flatMap((index) => paths.slice(index, index + 1));
      const path = await connection.addTextToStore('text', text, referred);
      const info = await connection.queryPathInfo(path);
      assert.ok(info);
      const pieces: Uint8Array[] = [];
      for await (const piece of connection.narFromPath(path, info.narSize)) pieces.push(piece);
      // As if the runner's machine had built it.
      runner.store.set(path, { info: { ...info, ultimate: true }, nar: Buffer.concat(pieces) });
      paths.push(path);
    }
  }
  await deleteFromStore({ daemon }, paths);
  return paths;
}

async function deleteFromStore(
  { daemon }: Pick<Scene, 'daemon'>,
  paths: readonly StorePath[],
): Promise<void> {
  const printed = paths.map((path) => printStorePath(daemon.address.storeDirectory, path));
  await promisify(execFile)('nix-store', ['--delete', ...printed], { env: daemon.environment });
}

const copy = ({ daemon }: Scene, path: StorePath) =>
  `while read -r line; do echo "$line"; done < ${printStorePath(daemon.address.storeDirectory, path)} > $out`;

test('inputs are fetched from the runner, and outputs handed over', async () => {
  await using scene = await openScene(apart());
  const [input] = await fillRunner(scene, [{ text: 'hello\n' }]);
  assert.ok(input);
  const { attempt, output } = await scene.order({ script: copy(scene, input), inputs: [input] });
  const report = await scene.runner.reportOf(attempt);
  assert.equal(report.result.type, 'succeeded', JSON.stringify(report.result));
  const received = scene.runner.store.get(output);
  assert.ok(received);
  assert.ok(received.nar.includes('hello\n'));
  const hash = createHash('sha256').update(received.nar).digest();
  assert.deepEqual(Buffer.from(received.info.narHash.digest), hash);
});

test('what was fetched does not pass for what was built here', async () => {
  await using scene = await openScene(apart());
  const [input] = await fillRunner(scene, [{ text: 'hello\n' }]);
  assert.ok(input);
  const { attempt } = await scene.order({ script: copy(scene, input), inputs: [input] });
  await scene.runner.reportOf(attempt);
  await using connection = await DaemonConnection.connect(scene.daemon.address);
  assert.equal((await connection.queryPathInfo(input))?.ultimate, false);
});

test('inputs that are there already are not fetched again', async () => {
  await using scene = await openScene(apart());
  const [input] = await fillRunner(scene, [{ text: 'hello\n' }]);
  assert.ok(input);
  const first = await scene.order({ script: 'echo 1 > $out', inputs: [input] });
  await scene.runner.reportOf(first.attempt);
  const second = await scene.order({ script: 'echo 2 > $out', inputs: [input] });
  await scene.runner.reportOf(second.attempt);
  assert.equal(scene.runner.calls.get('fetchPaths'), 1);
});

test('what the runner has of a closure is not handed over', async () => {
  await using scene = await openScene(apart());
  const [input] = await fillRunner(scene, [{ text: 'hello\n' }]);
  assert.ok(input);
  const { storeDirectory } = scene.daemon.address;
  const refers = `echo ${printStorePath(storeDirectory, input)} > $out`;
  const { attempt, output } = await scene.order({ script: refers, inputs: [input] });
  const { result } = await scene.runner.reportOf(attempt);
  assert.equal(result.type, 'succeeded');
  assert.deepEqual([...scene.runner.store.keys()], [input, output]);
  assert.equal(scene.runner.calls.get('hasPath'), 2);
});

test('a closure over many streams arrives in the order of its references', async () => {
  await using scene = await openScene(apart({ maxConcurrentDownloads: 4 }));
  const texts = Array.from({ length: 40 }, (_, index) => ({
    text: `text ${index}\n`,
    // Each needs the one before it, and one that another stream brings.
    references: index === 0 ? [] : [index - 1, Math.floor(index / 3)],
  }));
  const last = (await fillRunner(scene, texts)).at(-1);
  assert.ok(last);
  const { attempt } = await scene.order({ script: copy(scene, last), inputs: [last] });
  const { result } = await scene.runner.reportOf(attempt);
  assert.equal(result.type, 'succeeded', JSON.stringify(result));
  assert.equal(scene.runner.calls.get('fetchPaths'), 5);
});

test('builds that begin together fetch what both need once', async () => {
  await using scene = await openScene(apart());
  const [input] = await fillRunner(scene, [{ text: 'hello\n' }]);
  assert.ok(input);
  const orders = await Promise.all(
    [1, 2, 3].map((one) => scene.order({ script: `echo ${one} > $out`, inputs: [input] })),
  );
  for (const { attempt } of orders) await scene.runner.reportOf(attempt);
  assert.equal(scene.runner.calls.get('fetchPaths'), 1);
});

test('a runner that sends damaged inputs is no fault of the build', async () => {
  await using scene = await openScene(apart());
  const [input] = await fillRunner(scene, [{ text: 'hello\n' }]);
  const stored = input && scene.runner.store.get(input);
  assert.ok(stored);
  stored.nar.write('HELLO', stored.nar.indexOf('hello'));
  const { attempt } = await scene.order({ script: 'echo > $out', inputs: [input] });
  const { result } = await scene.runner.reportOf(attempt);
  assert.equal(result.type === 'failed' && result.failure, 'import-failed');
});

test('a closure that cannot be had whole fails, however many streams wait for the rest', async () => {
  await using scene = await openScene(apart({ maxConcurrentDownloads: 4 }));
  const texts = Array.from({ length: 40 }, (_, index) => ({
    text: `text ${index}\n`,
    references: index === 0 ? [] : [index - 1],
  }));
  const paths = await fillRunner(scene, texts);
  const [first, last] = [paths[0], paths.at(-1)];
  const stored = first && scene.runner.store.get(first);
  assert.ok(stored && last);
  stored.nar.write('TEXT', stored.nar.indexOf('text 0'));
  const { attempt } = await scene.order({ script: 'echo > $out', inputs: [last] });
  const { result } = await scene.runner.reportOf(attempt);
  assert.equal(result.type === 'failed' && result.failure, 'import-failed');
});

test('a runner that takes no outputs is no fault of the build', async () => {
  await using scene = await openScene(apart({ refusesPaths: true }));
  const { attempt } = await scene.order({ script: 'echo > $out' });
  const { result } = await scene.runner.reportOf(attempt);
  assert.equal(result.type === 'failed' && result.failure, 'upload-failed');
});

test('inputs stay in the store while the build waits for a slot', async () => {
  await using scene = await openScene({ ...apart(), configuration: { maxJobs: 1 } });
  const { runner } = scene;
  const [input] = await fillRunner(scene, [{ text: 'hello\n' }]);
  assert.ok(input);
  const gate = makeGate(scene.daemon.directory, 'gate');
  const first = await scene.order({ script: `${gate.wait}; echo 1 > $out` });
  await runner.until(() => runner.phasesOf(first.attempt).includes('building'));
  const second = await scene.order({ script: copy(scene, input), inputs: [input] });
  await runner.until(() => runner.phasesOf(second.attempt).includes('waiting-for-local-slot'));
  await promisify(execFile)('nix-store', ['--gc'], { env: scene.daemon.environment });
  await gate.open();
  const { result } = await runner.reportOf(second.attempt);
  assert.equal(result.type, 'succeeded', JSON.stringify(result));
  assert.equal(runner.calls.get('fetchPaths'), 1);
});
