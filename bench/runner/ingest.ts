import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { printStorePath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import type { GraphNode } from '../../packages/iolaus/src/testing/twin-graph.ts';
import { chooseJobs } from './jobs.ts';
import { openRunnerScene, untilQueued } from './scene.ts';
import type { RunnerScene } from './scene.ts';
import { writeOutputs, writeTwins } from './twin-store.ts';
import type { Twin } from './twin-store.ts';

export type IngestFigures = {
  readonly ingestSeconds: number;
  readonly ingestRssMb: number;
  readonly ingestBuiltSeconds: number;
};

/**
 * A whole queue that a runner finds when it starts: first nothing of it is built, then every job is. The daemon is a real
 * one; the derivations lie in its store's folder, where the runner reads them, and it is asked only about their outputs.
 */
export async function measureIngest(nodes: readonly GraphNode[]): Promise<IngestFigures> {
  await using daemon = await startPrivateDaemon();
  await using scene = await openRunnerScene(daemon.address.storeDirectory);
  const twins = writeTwins(scene.storeDirectory, nodes);
  const jobs = chooseJobs(nodes, twins);
  await scene.queue(jobs);
  const unbuilt = await ingest(scene, daemon);
  await registerOutputs(daemon, jobs);
  const built = await ingest(scene, daemon);
  return {
    ingestSeconds: unbuilt.seconds,
    ingestRssMb: unbuilt.memoryMb,
    ingestBuiltSeconds: built.seconds,
  };
}

/** Until each build is in the farm or finished. */
async function ingest(
  scene: RunnerScene,
  daemon: PrivateDaemon,
): Promise<{ readonly seconds: number; readonly memoryMb: number }> {
  const began = performance.now();
  await using runner = await scene.startRunner(daemon.address.socketPath);
  let memoryMb = 0;
  await untilQueued(scene, runner, () => {
    memoryMb = Math.max(memoryMb, runner.memoryMb());
  });
  return { seconds: (performance.now() - began) / 1_000, memoryMb };
}

/** Makes the daemon believe that all of them were built: a file each, and a row in its database. */
async function registerOutputs(daemon: PrivateDaemon, twins: readonly Twin[]): Promise<void> {
  const directory = daemon.address.storeDirectory;
  const narHash = createHash('sha256').update('nobody looks').digest('hex');
  const paths = twins.flatMap(({ outputs }) => [...outputs.values()]);
  writeOutputs(directory, paths);
  const registrations = paths.map(
    (path) => `${printStorePath(directory, path)}\n${narHash}\n112\n\n0\n`,
  );
  // Only who opens the store itself may do this.
  const child = spawn('nix-store', ['--load-db'], {
    env: { ...daemon.environment, NIX_REMOTE: 'local' },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const ended = once(child, 'exit');
  await pipeline(Readable.from(registrations), child.stdin);
  const [status] = await ended;
  if (status !== 0) throw new Error(`nix-store --load-db ended with status ${status}`);
}
