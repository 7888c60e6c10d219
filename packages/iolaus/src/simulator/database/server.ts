import { databaseBehind } from '../../database/connection/connection.ts';
import type { Database } from '../../database/connection/connection.ts';
import { holdTermStatement } from '../../database/lead.ts';
import type { Agenda } from '../agenda.ts';
import { epochMilliseconds } from '../life.ts';
import type { Life } from '../life.ts';
import type { Random } from '../random.ts';
import { lostConnection } from './failures.ts';
import { Listeners } from './listeners.ts';
import type { Parameters } from './parameters.ts';
import { openPool } from './pool.ts';
import { Session } from './session.ts';
import { statements } from './statements.ts';
import type { Scene } from './statements.ts';
import { Tables } from './tables.ts';
import type { Owner } from './table.ts';
import { ServerTransaction } from './transaction.ts';

/** A made-up PostgreSQL: the tables, the transactions and the notifications that a runner relies on, and its bad days. */
export class Server {
  readonly tables = new Tables();
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #sessions = new Set<Session>();
  readonly #listeners: Listeners;
  readonly #outcomes = new Map<number, 'committed' | 'aborted' | 'in progress'>();
  readonly #waiting = new Map<Owner, (() => void)[]>();
  #transactions = 0;
  #isUp = true;
  /** Milliseconds that a request or an answer takes at least and at most. */
  latencyMilliseconds: readonly [number, number] = [0.1, 1];
  /** The next statements that fail, and with what. */
  readonly mishaps: ((text: string) => Error | undefined)[] = [];
  /** Called when everybody can see what a transaction did. */
  onCommitted: () => void = () => {};
  note: (what: string) => void = () => {};
  /** Where the connection of the next transaction that commits something breaks. */
  cutAtCommit: 'before-commit' | 'before-answer' | 'nowhere' = 'nowhere';
  /** Whoever has led once may write for ever. */
  fencesNobody = false;
  /** It says of every transaction that it came to nothing, which PostgreSQL never does: for trying what happens then. */
  forgetsOutcomes = false;

  constructor(agenda: Agenda, random: Random) {
    this.#agenda = agenda;
    this.#random = random;
    this.#listeners = new Listeners(agenda, this);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** How long the next message takes. */
  latency(): number {
    const [least, most] = this.latencyMilliseconds;
    return this.#random.between(least, most);
  }

  /** What a program sees of it. */
  openDatabase(life: Life): Database {
    return databaseBehind({
      clock: life.clock,
      random: life.random,
      explain: (error) => error,
      pool: openPool(() => this.#connect(life)),
      listen: (channels, onNotify, onReconnect) =>
        this.#listeners.listen(life, { channels: new Set(channels), onNotify, onReconnect }),
    });
  }

  /** Somebody at the server's own console: at once. Throws while it is away. */
  atConsole<Result>(work: (scene: Scene) => Result): Result {
    if (!this.#isUp) throw lostConnection('ECONNREFUSED');
    const transaction = this.begin();
    try {
      const result = transaction.execute(() => work(this.#scene(transaction)));
      this.commit(transaction);
      return result;
    } catch (error) {
      this.rollBack(transaction);
      throw error;
    }
  }

  begin(): ServerTransaction {
    this.#transactions += 1;
    this.#outcomes.set(this.#transactions, 'in progress');
    return new ServerTransaction(this.#transactions);
  }

  execute(transaction: ServerTransaction, text: string, parameters: Parameters): object[] {
    if (text === 'select pg_xact_status($1::xid8) as status') {
      const outcome = this.forgetsOutcomes
        ? 'aborted'
        : this.#outcomes.get(Number(parameters.text(0)));
      return [{ status: outcome ?? null }];
    }
    const statement = statements.get(text);
    if (statement === undefined) throw new Error(`the simulated database does not know: ${text}`);
    if (text === holdTermStatement && this.fencesNobody) return [{}];
    return transaction.execute(() => statement(this.#scene(transaction), parameters));
  }

  commit(transaction: ServerTransaction): void {
    const notices = transaction.commit();
    this.#outcomes.set(transaction.id, 'committed');
    this.onCommitted();
    for (const notice of notices) {
      this.note(`told ${notice.channel}`);
      this.#listeners.tell(notice);
    }
    this.#wakeWaiting(transaction);
  }

  rollBack(transaction: ServerTransaction): void {
    transaction.rollBack();
    this.#outcomes.set(transaction.id, 'aborted');
    this.#wakeWaiting(transaction);
  }

  isDeadlock(transaction: ServerTransaction): boolean {
    let next: Owner | undefined = transaction.waitsFor;
    while (next instanceof ServerTransaction && next !== transaction) next = next.waitsFor;
    return next === transaction;
  }

  whenOver(owner: Owner, act: () => void): void {
    const waiting = this.#waiting.get(owner) ?? [];
    waiting.push(act);
    this.#waiting.set(owner, waiting);
  }

  /** What is wrong with this statement just now. */
  faultOf(text: string): Error | undefined {
    const [mishap] = this.mishaps;
    const failure = mishap?.(text);
    if (failure !== undefined) this.mishaps.shift();
    return failure;
  }

  /** All connections break; what was being committed may or may not have been. The server notices some later than others. */
  cutConnections(noticesWithinMilliseconds: number): void {
    for (const session of this.#sessions) {
      session.cut(lostConnection(), this.#random.between(0, noticesWithinMilliseconds));
    }
    this.#sessions.clear();
    this.#listeners.cut();
  }

  stop(): void {
    this.#isUp = false;
    for (const session of this.#sessions) session.cut(lostConnection());
    this.#sessions.clear();
    this.#listeners.cut();
  }

  start(): void {
    this.#isUp = true;
  }

  /** It answers as fast as it should. */
  quicken(): void {
    this.latencyMilliseconds = [0.1, 1];
  }

  #scene(transaction: ServerTransaction): Scene {
    const now = Math.floor((epochMilliseconds + this.#agenda.now) / 1_000);
    return { tables: this.tables, transaction, now };
  }

  /** The sessions of a program hang up when it dies. */
  #connect(life: Life): Promise<Session> {
    return new Promise((resolve, reject) => {
      life.effect(() => {
        this.#agenda.after(this.latency(), () => {
          if (!this.isUp) {
            life.hear(() => reject(lostConnection('ECONNREFUSED')));
            return;
          }
          const session = new Session(this, life, this.#agenda);
          this.#sessions.add(session);
          life.atDeath(() => {
            if (this.#sessions.delete(session)) session.hangUp();
          });
          life.hear(() => resolve(session));
        });
      });
    });
  }

  #wakeWaiting(transaction: ServerTransaction): void {
    const waiting = this.#waiting.get(transaction) ?? [];
    this.#waiting.delete(transaction);
    for (const act of waiting) this.#agenda.after(0, act);
  }
}
