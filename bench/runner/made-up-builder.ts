import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { knownOutputPaths } from '@iolaus/nix';
import type { StoreDirectory } from '@iolaus/nix';
import type { AttemptReport } from '../../packages/iolaus/src/protocol/attempt-report.ts';
import type { BuildOrder } from '../../packages/iolaus/src/protocol/build-order.ts';
import { connectRunner } from '../../packages/iolaus/src/protocol/client/runner-client.ts';
import type { RunnerClient } from '../../packages/iolaus/src/protocol/client/runner-client.ts';
import { parseBuilderUuid } from '../../packages/iolaus/src/protocol/identity.ts';
import type { AttemptUuid, MachineUuid } from '../../packages/iolaus/src/protocol/identity.ts';
import type { FromRunner } from '../../packages/iolaus/src/protocol/tunnel-message.ts';
import type { Random } from '../../packages/iolaus/src/testing/made-up-graph.ts';
import type { BuilderTunnel } from '../../packages/iolaus/src/protocol/tunnel.ts';
import { tellLastingPhases } from '../../packages/iolaus/src/builder/attempts/lasting-phases.ts';
import { calmPing, describeMachine, newMachine, successOf } from './made-up-machine.ts';
import { writeOutputs } from './twin-store.ts';

// As Hydra's builders have it.
const pingMilliseconds = 10_000;
const redialMilliseconds = 500;

export type MadeUpBuilderOptions = {
  /** Dialled in turn. */
  readonly endpoints: readonly string[];
  readonly storeDirectory: StoreDirectory;
  readonly hostname: string;
  readonly slots: number;
  /** How long a step takes it on average, from half to one and a half of that; 0: it answers at once. */
  readonly buildMilliseconds: number;
  readonly random: Random;
  readonly watch: BuilderWatch;
};

/** What a bench wants to know of its builders. */
export type BuilderWatch = {
  ordered(order: BuildOrder): void;
  /** To the end: the runner had not taken it back by then. */
  built(order: BuildOrder): void;
  /** The runner has recorded a report; milliseconds since it was sent. */
  acknowledged(order: BuildOrder, milliseconds: number): void;
  joined(takenBack: number, given: number): void;
};

type Held = {
  readonly order: BuildOrder;
  hasBegun: boolean;
  report: AttemptReport | null;
  sentAt: number;
};

/**
 * A builder that builds empty files: it says that each step went well, after a while. It comes back to its steps as ours do
 * when the runner was away.
 */
export class MadeUpBuilder implements AsyncDisposable {
  readonly #options: MadeUpBuilderOptions;
  readonly #clients: readonly RunnerClient[];
  readonly #identity = parseBuilderUuid(randomUUID());
  readonly #held = new Map<AttemptUuid, Held>();
  readonly #waiting: AttemptUuid[] = [];
  #busySlots = 0;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #tunnel: BuilderTunnel | undefined;
  readonly #phases = tellLastingPhases((attempt, phase) => {
    const machine = this.#machine;
    void this.#tunnel?.send({ type: 'step-update', update: { attempt, machine, phase } });
  });
  #machine = newMachine();

  constructor(options: MadeUpBuilderOptions) {
    this.#options = options;
    const { endpoints, storeDirectory } = options;
    this.#clients = endpoints.map((endpoint) => connectRunner(endpoint, { storeDirectory }));
    this.#ended = this.#keepJoined();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
  }

  async #keepJoined(): Promise<void> {
    const { signal } = this.#stopping;
    for (let turn = 0; !signal.aborted; turn += 1) {
      const client = this.#clients[turn % this.#clients.length];
      if (client !== undefined) await this.#converse(client).catch(() => {});
      this.#tunnel = undefined;
      await sleep(redialMilliseconds, undefined, { signal }).catch(() => {});
    }
  }

  async #converse(client: RunnerClient): Promise<void> {
    const machine = newMachine();
    this.#machine = machine;
    const held = [...this.#held.values()].map(({ order: { attempt, fence } }) => ({
      attempt,
      fence,
    }));
    const { hostname, slots } = this.#options;
    const facts = { machine, builder: this.#identity, hostname, slots };
    const join = { ...describeMachine(facts), held };
    const { signal } = this.#stopping;
    const tunnel = client.openTunnel(join, { signal });
    let pinging: NodeJS.Timeout | undefined;
    try {
      for await (const message of tunnel.messages) {
        if (message.type === 'joined') {
          this.#enter(tunnel, machine, message);
          pinging = setInterval(() => void this.#ping(tunnel, machine), pingMilliseconds);
        } else this.#hear(machine, message);
      }
    } finally {
      clearInterval(pinging);
    }
  }

  #enter(
    tunnel: BuilderTunnel,
    machine: MachineUuid,
    { answer }: Extract<FromRunner, { readonly type: 'joined' }>,
  ): void {
    const mine = new Set(answer.takenBack.map(({ attempt }) => attempt));
    this.#options.watch.joined(mine.size, this.#held.size);
    for (const attempt of this.#held.keys()) if (!mine.has(attempt)) this.#held.delete(attempt);
    this.#tunnel = tunnel;
    void this.#ping(tunnel, machine);
    for (const held of this.#held.values()) {
      if (held.report !== null) this.#send(held);
      else if (held.hasBegun) this.#phases.note(held.order.attempt, 'building');
    }
  }

  #hear(machine: MachineUuid, message: FromRunner): void {
    switch (message.type) {
      case 'build':
        return this.#build(message.order, machine);
      case 'abort':
        this.#held.delete(message.attempt);
        return;
      case 'completed':
        return this.#acknowledged(message.attempt);
      case 'unreadable-build':
        throw new Error(message.message);
      case 'joined':
      case 'configuration':
      case 'ping':
        return;
    }
  }

  #build(order: BuildOrder, machine: MachineUuid): void {
    this.#options.watch.ordered(order);
    this.#held.set(order.attempt, { order, hasBegun: false, report: null, sentAt: 0 });
    this.#waiting.push(order.attempt);
    this.#fillSlots(machine);
  }

  /** In the order in which they came; what was aborted meanwhile takes no time. */
  #fillSlots(machine: MachineUuid): void {
    const { slots, buildMilliseconds } = this.#options;
    while (this.#busySlots < slots) {
      const held = this.#nextHeld();
      if (held === undefined) return;
      this.#busySlots += 1;
      held.hasBegun = true;
      this.#phases.note(held.order.attempt, 'building');
      const finish = (): void => {
        if (this.#stopping.signal.aborted) return;
        this.#busySlots -= 1;
        writeOutputs(
          this.#options.storeDirectory,
          knownOutputPaths(held.order.derivation).values(),
        );
        held.report = successOf(held.order, machine);
        if (this.#held.has(held.order.attempt)) {
          this.#options.watch.built(held.order);
          this.#send(held);
        }
        this.#fillSlots(machine);
      };
      if (buildMilliseconds === 0) queueMicrotask(finish);
      else setTimeout(finish, buildMilliseconds * (0.5 + this.#options.random())).unref();
    }
  }

  #nextHeld(): Held | undefined {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      const held = this.#held.get(next);
      if (held !== undefined) return held;
    }
    return undefined;
  }

  #send(held: Held): void {
    if (held.report === null || this.#tunnel === undefined) return;
    this.#phases.forget(held.order.attempt);
    held.sentAt = performance.now();
    void this.#tunnel.send({ type: 'complete', report: held.report });
  }

  #acknowledged(attempt: AttemptUuid): void {
    const held = this.#held.get(attempt);
    if (held === undefined) return;
    this.#held.delete(attempt);
    this.#options.watch.acknowledged(held.order, performance.now() - held.sentAt);
  }

  async #ping(tunnel: BuilderTunnel, machine: MachineUuid): Promise<void> {
    await tunnel.send({ type: 'ping', ping: calmPing(machine) });
  }
}
