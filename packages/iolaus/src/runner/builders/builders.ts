import { hash } from 'node:crypto';
import type { Clock } from '../../clock/clock.ts';
import type { FarmEvent } from '../../farm/event.ts';
import type { BuilderFacts, BuilderHealth } from '../../farm/facts.ts';
import { builderId, instant } from '../../farm/identity.ts';
import type { BuilderId } from '../../farm/identity.ts';
import type { FarmView } from '../../farm/view.ts';
import type { Logger } from '../../logging/logger.ts';
import { CallError } from '../../protocol/call-error.ts';
import { areOfOneMachine } from '../../protocol/caller.ts';
import type { Caller } from '../../protocol/caller.ts';
import type { BuilderUuid, MachineUuid } from '../../protocol/identity.ts';
import type { Join } from '../../protocol/join.ts';
import type { AcceptedTunnel } from '../../protocol/server/runner-server.ts';
import type { RunnerTunnel, TunnelEnd } from '../../protocol/tunnel.ts';
import type { RunnerMessage } from '../../protocol/tunnel-message.ts';
import type { Attempts, LiveAttempt } from '../attempts/attempts.ts';
import type { Decisions } from '../records/decisions.ts';
import { builderFacts } from './builder-facts.ts';
import { checkJoin } from './check-join.ts';
import { Conversation } from './conversation.ts';
import { UploadDialects } from './upload-dialects.ts';
import type { Refusals } from './refusals.ts';
import type { Reports } from '../attempts/reports.ts';

type BuildersOptions = {
  readonly attempts: Attempts;
  readonly decisions: Pick<Decisions, 'submit'>;
  readonly view: Pick<FarmView, 'holder'>;
  readonly reports: Reports;
  readonly refusals: Refusals;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly makeUuid: () => string;
  readonly storeIdentity: string | null;
  readonly maxConcurrentDownloads: number;
  /** What builders have to get their inputs from; asked at every join. */
  readonly forcedSubstituters: () => readonly string[];
  /** How long attempts wait for a builder whose tunnel is gone; 0: not at all. */
  readonly leaseSeconds: () => number;
  readonly logBytes: (attempt: LiveAttempt) => Promise<number>;
  /** Rejects where another runner has taken over. */
  readonly confirmLead: () => Promise<void>;
};

/** One tunnel of one builder. */
type Session = {
  readonly id: BuilderId;
  readonly join: Join;
  readonly caller: Caller;
  readonly canUpload: boolean;
  /** Null where it ended before anything could be said. */
  readonly opened: PromiseWithResolvers<RunnerTunnel | null>;
};

/**
 * The builders that have a tunnel open. A host name identifies nobody, so that a builder is known by its tunnel. One that
 * shows a name that only it and its runner know is the same over all its tunnels, and can come back to its attempts.
 */
export class Builders {
  readonly #sessions = new Map<BuilderId, Session>();
  readonly #byMachine = new Map<MachineUuid, BuilderId>();
  readonly dialects = new UploadDialects();
  readonly #options: BuildersOptions;
  /** The farm knows already that they will be away. */
  #isHandedOver = false;

  constructor(options: BuildersOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#sessions.size;
  }

  /** The builder whose tunnel has this name, if it may be the one that calls. */
  named(machine: MachineUuid, caller: Caller): BuilderId | undefined {
    const builder = this.#byMachine.get(machine);
    return builder !== undefined && this.maySpeakFor(builder, caller) ? builder : undefined;
  }

  /** Whether a call comes from the machine that the builder's tunnel comes from; of one that is away nobody can tell. */
  maySpeakFor(builder: BuilderId, caller: Caller): boolean {
    const session = this.#sessions.get(builder);
    return session === undefined || areOfOneMachine(session.caller, caller);
  }

  /** Whether it can put outputs into a cache itself; else it hands them to the runner. */
  canUpload(builder: BuilderId): boolean {
    return this.#sessions.get(builder)?.canUpload ?? true;
  }

  isConnected(builder: BuilderId): boolean {
    return this.#sessions.has(builder);
  }

  /** The runner goes, and the next one will take over: builders get nothing more, and keep what they have. */
  handOver(): void {
    this.#isHandedOver = true;
    for (const { id } of this.#sessions.values()) if (this.canComeBack(id)) this.#await(id);
  }

  /** Its attempts wait for it when its tunnel is gone. */
  canComeBack(builder: BuilderId): boolean {
    const name = this.#sessions.get(builder)?.join.builder;
    return name !== undefined && name !== null && this.#options.leaseSeconds() > 0;
  }

  /**
   * Sends to a builder. False where it certainly does not get it: it is not there, or its tunnel has ended, which the farm
   * learns at once. Rejects where the message cannot be put on the wire.
   */
  async send(builder: BuilderId, message: RunnerMessage): Promise<boolean> {
    const session = this.#sessions.get(builder);
    if (session === undefined) return false;
    const tunnel = await session.opened.promise;
    const isSent = tunnel !== null && (await tunnel.send(message));
    if (!isSent) this.#leave(session, { reason: 'lost' });
    return isSent;
  }

  /** Its tunnel may be half open: nobody would notice. */
  dismiss(builder: BuilderId): void {
    void this.#sessions.get(builder)?.opened.promise.then((tunnel) => tunnel?.close());
  }

  /** Throws `CallError` for a join that is not taken. */
  async open(join: Join, caller: Caller): Promise<AcceptedTunnel> {
    if (join.held.length > 0) await this.#confirmLead();
    this.#check(join);
    const { makeUuid, maxConcurrentDownloads, leaseSeconds } = this.#options;
    const id = builderId(join.builder === null ? makeUuid() : digestOf(join.builder));
    const canUpload = this.dialects.canUpload(join.machine);
    const opened = Promise.withResolvers<RunnerTunnel | null>();
    const session: Session = { id, join, caller, canUpload, opened };
    // A former tunnel of the same builder is a dead one, of which nobody has noticed yet.
    this.dismiss(id);
    this.#sessions.set(id, session);
    this.#byMachine.set(join.machine, id);
    const takenBack = this.#takeBack(session);
    return {
      accept: {
        maxConcurrentDownloads,
        sharesStore: this.#sharesStore(join),
        takenBack: await Promise.all(
          takenBack.map(async (live) => ({
            attempt: live.uuid,
            logBytes: await this.#options.logBytes(live),
          })),
        ),
        leaseSeconds: join.builder === null ? 0 : leaseSeconds(),
      },
      converse: (tunnel) => this.#converse(session, tunnel),
      ended: (end) => this.#leave(session, end),
    };
  }

  /** What a builder holds may be the next runner's, of which this one would say that nobody wants it. */
  async #confirmLead(): Promise<void> {
    try {
      await this.#options.confirmLead();
    } catch (error) {
      throw new CallError('unavailable', 'this runner leads no more', { cause: error });
    }
  }

  /** Nothing has to be moved between the runner and it. */
  #sharesStore({ storeIdentity }: Join): boolean {
    return storeIdentity !== null && storeIdentity === this.#options.storeIdentity;
  }

  #factsOf(join: Join): BuilderFacts {
    const facts = builderFacts(join);
    return this.#sharesStore(join) ? { ...facts, sharesStore: true } : facts;
  }

  #check(join: Join): void {
    const { refusals, forcedSubstituters } = this.#options;
    checkJoin(join, refusals, forcedSubstituters());
    if (!this.#byMachine.has(join.machine)) return;
    throw refusals.refuse('machine-name-taken', `another builder is called ${join.machine}`);
  }

  /**
   * The farm decides which of the attempts that the builder holds go on. One whose end is decided but not recorded stays the
   * builder's, too: should this runner end before that, the next one has to hear of it again.
   */
  #takeBack({ id, join }: Session): LiveAttempt[] {
    const { attempts, view } = this.#options;
    const held = join.held.flatMap(({ attempt, fence }) => {
      const live = attempts.byUuid(attempt);
      return live?.attempt === fence && live.builder === id ? [live] : [];
    });
    const ended = new Set(held.filter(({ attempt }) => view.holder(attempt) === undefined));
    this.#submit({
      type: 'builder-rejoined',
      builder: id,
      facts: this.#factsOf(join),
      held: held.map(({ attempt }) => attempt),
    });
    return held.filter((live) => ended.has(live) || view.holder(live.attempt) === id);
  }

  async #converse(session: Session, tunnel: RunnerTunnel): Promise<void> {
    const { id, join } = session;
    // Another tunnel of the builder has come meanwhile.
    if (this.#sessions.get(id) !== session) return;
    session.opened.resolve(tunnel);
    const { hostname, maxJobs: slots, held } = join;
    this.#options.logger.info({ hostname, slots, held: held.length }, 'a builder joined');
    await this.#conversationOf(id).follow(tunnel);
  }

  #conversationOf(id: BuilderId): Conversation {
    const { reports, refusals, clock } = this.#options;
    const onHealth = (health: BuilderHealth): void =>
      this.#submit({ type: 'builder-pinged', builder: id, health });
    return new Conversation({ builder: id, reports, refusals, clock, onHealth });
  }

  /** Who ends the tunnel itself does not come back to its attempts. */
  #leave(session: Session, { reason }: Pick<TunnelEnd, 'reason'>): void {
    const { id, join, opened } = session;
    opened.resolve(null);
    if (this.#byMachine.get(join.machine) === id) this.#byMachine.delete(join.machine);
    if (this.#sessions.get(id) !== session) return;
    const waits = this.canComeBack(id) && reason !== 'closed-by-builder';
    this.#sessions.delete(id);
    this.#options.logger.info({ hostname: join.hostname, reason }, 'a builder left');
    if (!waits) this.#submit({ type: 'builder-left', builder: id });
    else if (!this.#isHandedOver) this.#await(id);
  }

  #await(builder: BuilderId): void {
    const { clock, leaseSeconds } = this.#options;
    const until = instant(clock.now() + 1_000 * leaseSeconds());
    this.#submit({ type: 'builder-away', builder, until });
  }

  /** Nobody waits for it: when the runner stops, the next one hears from its builders again. */
  #submit(event: FarmEvent): void {
    this.#options.decisions.submit(event).catch(() => {});
  }
}

/** Others are told a builder's id: it must not be the name by which the builder comes back. */
const digestOf = (name: BuilderUuid): string => hash('sha256', name).slice(0, 32);
