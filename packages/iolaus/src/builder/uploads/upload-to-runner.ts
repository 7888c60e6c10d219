import { DaemonConnection } from '@iolaus/nix';
import type { DaemonAddress, PathInfo, StorePath } from '@iolaus/nix';
import type { AttemptUuid } from '../../protocol/identity.ts';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import { forEachInParallel } from '../../cache/in-parallel.ts';
import { count } from '../tunnel/path-counters.ts';
import type { PathCounters } from '../tunnel/path-counters.ts';

// Each is a call that takes a round trip and next to no work.
const questionsAtOnce = 10;

/** Hands the runner what it lacks of a closure, dependencies first. */
export async function uploadClosure(
  closure: readonly PathInfo[],
  options: {
    readonly attempt: AttemptUuid;
    readonly client: RunnerClient;
    readonly daemon: DaemonAddress;
    readonly counters: PathCounters;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { attempt, client, daemon, counters, signal } = options;
  const lacking = await findLacking(closure, client, signal);
  const infos = closure.filter(({ path }) => lacking.has(path));
  if (infos.length === 0) return;
  using _counted = count(counters, 'uploading', infos.length);
  await using connection = await DaemonConnection.connect(daemon, { signal });
  await client.sendPaths(
    { attempt, infos, nar: ({ path, narSize }) => connection.narFromPath(path, narSize) },
    { signal },
  );
}

/** A question that goes unanswered is no reason to fail: what the runner has already, it will not mind. */
async function findLacking(
  closure: readonly PathInfo[],
  client: RunnerClient,
  signal: AbortSignal,
): Promise<ReadonlySet<StorePath>> {
  const lacking = new Set<StorePath>();
  await forEachInParallel(closure, questionsAtOnce, async ({ path }) => {
    const has = await client.hasPath(path, { signal }).catch(() => false);
    signal.throwIfAborted();
    if (!has) lacking.add(path);
  });
  return lacking;
}
