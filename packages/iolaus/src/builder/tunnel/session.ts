import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../fault/fault.ts';
import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import type { MachineUuid } from '../../protocol/identity.ts';
import type { Join } from '../../protocol/join.ts';
import type { FromRunner } from '../../protocol/tunnel-message.ts';
import type { BuilderTunnel } from '../../protocol/tunnel.ts';
import type { Member } from './member.ts';
import { reportByCalls, reportOnTunnel } from '../attempts/reports.ts';
import type { TunnelReports } from '../attempts/reports.ts';

type Joined = Extract<FromRunner, { readonly type: 'joined' }>;

/** A tunnel that the runner has taken, and by which way. */
type Opened = {
  readonly member: Member;
  readonly client: RunnerClient;
  readonly join: Join;
  readonly tunnel: BuilderTunnel;
};

/** What goes on while a tunnel is open: pings, and orders for attempts. */
export class Session {
  readonly #member: Member;
  readonly #machine: MachineUuid;
  readonly #tunnel: BuilderTunnel;
  readonly #over = new AbortController();
  /** The runner waits for its attempts when the tunnel is lost. */
  readonly #isWaitedFor: boolean;
  /** Undefined for a runner that is not ours. */
  readonly #tunnelReports: TunnelReports | undefined;
  readonly #pinging: Promise<void>;
  #maxConcurrentDownloads: number;

  constructor({ member, client, join, tunnel }: Opened, { answer, dialect }: Joined) {
    this.#member = member;
    this.#machine = join.machine;
    this.#tunnel = tunnel;
    this.#maxConcurrentDownloads = answer.maxConcurrentDownloads;
    this.#isWaitedFor = answer.leaseSeconds > 0;
    if (dialect > 0) this.#tunnelReports = reportOnTunnel(join.machine, tunnel);
    const takenBack = new Map(answer.takenBack.map(({ attempt, logBytes }) => [attempt, logBytes]));
    for (const { attempt } of join.held) {
      if (!takenBack.has(attempt)) member.attempts.abort(attempt);
    }
    const { signal } = this.#over;
    member.link.open({
      client,
      machine: join.machine,
      reports: this.#tunnelReports ?? reportByCalls(join.machine, client, signal),
      sharesStore: answer.sharesStore,
      wantsEveryLog: this.#tunnelReports === undefined,
      maxConcurrentDownloads: () => this.#maxConcurrentDownloads,
      logBytes: takenBack,
      signal,
    });
    this.#pinging = this.#pingRegularly();
  }

  hear(message: Exclude<FromRunner, Joined>): void {
    switch (message.type) {
      case 'build':
        this.#member.attempts.start(message.order);
        return;
      case 'unreadable-build':
        this.#member.attempts.refuse(message.attempt, message.message);
        return;
      case 'abort':
        this.#member.attempts.abort(message.attempt);
        return;
      case 'configuration':
        this.#maxConcurrentDownloads = message.maxConcurrentDownloads;
        return;
      case 'completed':
        this.#tunnelReports?.answered(message.attempt);
        return;
      // It keeps the way open, and needs no answer.
      case 'ping':
        return;
    }
  }

  /** Attempts for which the runner does not wait have stopped when it resolves; the others go on. */
  async end(): Promise<void> {
    this.#over.abort();
    this.#member.link.close();
    if (!this.#isWaitedFor) await this.#member.attempts.abortAll();
    await this.#pinging;
  }

  /** The first one at once: without it the runner gives no work. */
  async #pingRegularly(): Promise<void> {
    const { signal } = this.#over;
    this.#member.draining.addEventListener('abort', () => void this.#ping(), { signal });
    while (!signal.aborted) {
      await this.#ping();
      await sleep(this.#member.pingMilliseconds, undefined, { signal }).catch(() => {});
    }
  }
  /** Never rejects: what cannot be measured is left out. */
  async #ping(): Promise<void> {
    try {
      const ping = await this.#member.measure(this.#machine);
      await this.#tunnel.send({ type: 'ping', ping });
    } catch (error) {
      this.#member.logger.warn({ error: describeError(error) }, 'a ping was left out');
    }
  }
}
