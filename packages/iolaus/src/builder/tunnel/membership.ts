import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, Fault } from '../../fault/fault.ts';
import { CallError } from '../../protocol/call-error.ts';
import { BackOff } from './back-off.ts';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import type { Member } from './member.ts';
import { keepTunnel } from './tunnel.ts';

/** A builder's belonging to its runner, over all tunnels there will be. */
export type Membership = {
  /** Resolves when the runner has taken the builder, or when the first try has failed; rejects as `ended` does. */
  readonly begun: Promise<void>;
  /** Resolves when the signal was aborted; rejects with `Fault` when there is no sense in going on. */
  readonly ended: Promise<void>;
};

/**
 * Keeps a tunnel to the runner, and opens another when it is lost, for ever. Of several ways to runners those are tried in
 * turn of which one leads to the runner that works; the others do not answer.
 */
export function keepMembership(
  member: Member,
  clients: readonly RunnerClient[],
  signal: AbortSignal,
): Membership {
  const begun = Promise.withResolvers<void>();
  const ended = keepTunnels(member, clients, signal, begun.resolve).finally(() =>
    member.attempts.leaveAll(),
  );
  // Whoever only waits for the beginning still learns that there is none.
  ended.then(begun.resolve, (error: unknown) => {
    member.logger.error({ error }, 'there is no sense in going on');
    begun.reject(error);
  });
  begun.promise.catch(() => {});
  return { begun: begun.promise, ended };
}

async function keepTunnels(
  member: Member,
  clients: readonly RunnerClient[],
  signal: AbortSignal,
  onTried: () => void,
): Promise<void> {
  const backOff = new BackOff();
  let failures = 0;
  let isJoined = false;
  // Read through a function, since it changes while the loop waits.
  const hasJoined = (): boolean => isJoined;
  const onJoined = () => {
    backOff.reset();
    isJoined = true;
    member.logger.info({}, 'joined the runner');
    onTried();
  };
  for (;;) {
    const client = clients[failures % clients.length];
    if (client === undefined || signal.aborted) return;
    isJoined = false;
    const reason = await keepTunnel(member, client, signal, onJoined).then(
      () => 'the runner ended it',
      (error: unknown) => reasonOf(error, signal),
    );
    if (signal.aborted) return;
    // A runner that was there a moment ago may come back where it was.
    if (!hasJoined()) failures += 1;
    const hasAnotherWay = !hasJoined() && failures % clients.length !== 0;
    const wait = hasAnotherWay ? 0 : backOff.next();
    const inSeconds = Math.round(wait / 100) / 10;
    member.logger.warn({ reason, inSeconds }, 'no tunnel to the runner; trying again');
    onTried();
    await sleep(wait, undefined, { signal }).catch(() => {});
    if (!signal.aborted) await member.refresh();
  }
}

/** Throws what trying again cannot change. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (error instanceof Fault && !signal.aborted) throw error;
  if (error instanceof CallError && error.status === 'unauthenticated') {
    return 'the runner does not accept the token of this builder';
  }
  return describeError(error);
}
