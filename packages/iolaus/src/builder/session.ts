import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../fault/fault.ts';
import type { MachineUuid } from '../protocol/identity.ts';
import type { FromRunner } from '../protocol/tunnel-message.ts';
import type { BuilderTunnel } from '../protocol/tunnel.ts';
import { Attempts } from './attempts.ts';
import type { Member } from './member.ts';
import { reportByCalls, reportOnTunnel } from './reports.ts';

type Joined = Extract<FromRunner, { readonly type: 'joined' }>;

/** What goes on while a tunnel is open: pings, and the attempts that the runner ordered. */
export class Session {
  readonly #member: Member;
  readonly #machine: MachineUuid;
  readonly #tunnel: BuilderTunnel;
  readonly #over = new AbortController();
  readonly #attempts: Attempts;
  readonly #pinging: Promise<void>;
  #maxConcurrentDownloads: number;

  constructor(member: Member, machine: MachineUuid, tunnel: BuilderTunnel, joined: Joined) {
    this.#member = member;
    this.#machine = machine;
    this.#tunnel = tunnel;
    this.#maxConcurrentDownloads = joined.answer.maxConcurrentDownloads;
    const isOurs = joined.dialect > 0;
    this.#attempts = new Attempts(
      member.workplace({
        machine,
        reports: isOurs
          ? reportOnTunnel(machine, tunnel)
          : reportByCalls(machine, member.client, this.#over.signal),
        sharesStore: joined.answer.sharesStore,
        wantsEveryLog: !isOurs,
        maxConcurrentDownloads: () => this.#maxConcurrentDownloads,
      }),
    );
    this.#pinging = this.#pingRegularly();
  }

  hear(message: Exclude<FromRunner, Joined>): void {
    switch (message.type) {
      case 'build':
        this.#attempts.start(message.order);
        return;
      case 'unreadable-build':
        this.#attempts.refuse(message.attempt, message.message);
        return;
      case 'abort':
        this.#attempts.abort(message.attempt);
        return;
      case 'configuration':
        this.#maxConcurrentDownloads = message.maxConcurrentDownloads;
        return;
      // They keep the way open, and need no answer.
      case 'ping':
      case 'completed':
        return;
    }
  }

  /** Resolves when nothing is left running. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#attempts.abortAll();
    await this.#pinging;
  }

  /** The first one at once: without it the runner gives no work. What cannot be measured is left out. */
  async #pingRegularly(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      try {
        const ping = await this.#member.measure(this.#machine);
        await this.#tunnel.send({ type: 'ping', ping });
      } catch (error) {
        this.#member.logger.warn({ error: describeError(error) }, 'a ping was left out');
      }
      await sleep(this.#member.pingMilliseconds, undefined, { signal }).catch(() => {});
    }
  }
}
