import { randomUUID } from 'node:crypto';
import { Fault } from '../../fault/fault.ts';
import { CallError } from '../../protocol/call-error.ts';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import { parseMachineUuid } from '../../protocol/identity.ts';
import type { MachineUuid } from '../../protocol/identity.ts';
import { protocolVersion } from '../../protocol/version.ts';
import type { BuilderTunnel } from '../../protocol/tunnel.ts';
import type { Member } from './member.ts';
import { Session } from './session.ts';

// A runner that has taken the connection answers within moments, even a busy one.
const answerMillisecondsMax = 30_000;
// A runner that is there ends the tunnel at once.
const farewellMilliseconds = 1_000;

/**
 * One life of a tunnel: checks versions, joins, and does what the runner says until either side ends it. Attempts go on
 * after that if the runner said that it would wait for them. Resolves when the runner ends the tunnel; rejects with `CallError`
 * if it is lost, with `Fault` if going on makes no sense, or with the signal's reason.
 */
export async function keepTunnel(
  member: Member,
  client: RunnerClient,
  signal: AbortSignal,
  onJoined: () => void,
): Promise<void> {
  // Fresh for each tunnel: Hydra's runner confuses two tunnels of one name.
  const machine = newMachine();
  await checkVersion(member, client, machine, signal);
  using opening = deadline(answerMillisecondsMax, 'the runner does not answer the join');
  const givingUp = new AbortController();
  const join = member.describe(machine);
  const tunnel = client.openTunnel(join, {
    signal: AbortSignal.any([givingUp.signal, opening.signal]),
  });
  using _leaving = takeLeave(tunnel, signal, givingUp);
  let session: Session | undefined;
  try {
    for await (const message of tunnel.messages) {
      if (message.type !== 'joined') session?.hear(message);
      else if (session === undefined) {
        opening[Symbol.dispose]();
        session = new Session({ member, client, join, tunnel }, message);
        onJoined();
      }
    }
  } finally {
    await session?.end();
    tunnel.close();
  }
}

/** When the signal is aborted the runner is told, which gives the attempts to others at once; if it still listens. */
function takeLeave(
  tunnel: BuilderTunnel,
  signal: AbortSignal,
  givingUp: AbortController,
): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const leave = (): void => {
    tunnel.close();
    timer = setTimeout(() => givingUp.abort(signal.reason), farewellMilliseconds);
  };
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  return {
    [Symbol.dispose]: () => {
      signal.removeEventListener('abort', leave);
      clearTimeout(timer);
    },
  };
}

async function checkVersion(
  member: Member,
  client: RunnerClient,
  machine: MachineUuid,
  signal: AbortSignal,
): Promise<void> {
  const answer = await askVersion(member, client, machine, signal);
  if (answer.type === 'compatible') return;
  throw new Fault(
    'protocol-mismatch',
    `the runner speaks ${answer.runnerVersion}, this builder ${protocolVersion}`,
    { remedy: 'Run a builder and a runner of releases that go together.' },
  );
}

async function askVersion(
  { hostname }: Member,
  client: RunnerClient,
  machine: MachineUuid,
  signal: AbortSignal,
) {
  using asking = deadline(answerMillisecondsMax, 'the runner does not answer');
  try {
    return await client.checkVersion(
      { machine, hostname },
      { signal: AbortSignal.any([signal, asking.signal]) },
    );
  } catch (error) {
    if (!(error instanceof CallError) || error.status !== 'failed-precondition') throw error;
    throw new Fault(
      'protocol-mismatch',
      `the runner does not take this builder: ${error.message}`,
      {
        remedy: 'Runner and builder must have the same store directory.',
        cause: error,
      },
    );
  }
}

/** A signal that is aborted after a while, unless it is disposed before. */
function deadline(milliseconds: number, reason: string): Disposable & { signal: AbortSignal } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(reason)), milliseconds);
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}

function newMachine(): MachineUuid {
  const uuid = parseMachineUuid(randomUUID());
  if (uuid === null) throw new Error('the system made a UUID that is none');
  return uuid;
}
