import type { Listener } from '../../database/listener.ts';
import { databaseBehind } from '../../database/connection.ts';
import type { Database } from '../../database/connection.ts';
import type { ConnectionPool } from '../../database/connection-pool.ts';
import { isConnectionLost } from '../../database/lost-connection.ts';
import type { Agenda } from '../agenda.ts';
import { epochMilliseconds } from '../life.ts';
import type { Life } from '../life.ts';
import type { Random } from '../random.ts';
import type { Parameters } from './parameters.ts';
import { Session, lostConnection } from './session.ts';
import { statements } from './statements.ts';
import type { Scene } from './statements.ts';
import { Tables } from './tables.ts';
import type { Owner } from './table.ts';
import { ServerTransaction } from './transaction.ts';
import type { Notice } from './transaction.ts';

type Listening = {
  readonly life: Life;
  readonly channels: ReadonlySet<string>;
  readonly onNotify: (channel: string, payload: string) => void;
  readonly onReconnect: () => void;
  isConnected: boolean;
  isClosed: boolean;
};

// A lost listener looks for the server again: the real one begins with 50 milliseconds.
const reconnectMilliseconds = 100;

/** A made-up PostgreSQL: the tables, the transactions and the notifications that a runner relies on, and its bad days. */
export class Server {
  readonly tables = new Tables();
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #sessions = new Set<Session>();
  readonly #listening = new Set<Listening>();
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
  /** It says of every transaction that it came to nothing, which PostgreSQL never does: for trying what happens then. */
  forgetsOutcomes = false;

  constructor(agenda: Agenda, random: Random) {
    this.#agenda = agenda;
    this.#random = random;
  }

  latency(random: Random): number {
    const [least, most] = this.latencyMilliseconds;
    return random.between(least, most);
  }

  /** What a program sees of it. */
  openDatabase(life: Life): Database {
    life.atDeath(() => {
      for (const listening of this.#listening)
        if (listening.life === life) this.#listening.delete(listening);
    });
    return databaseBehind({
      clock: life.clock,
      random: life.random,
      explain: (error) => error,
      pool: this.#openPool(life),
      listen: (channels, onNotify, onReconnect) =>
        this.#listen(life, channels, onNotify, onReconnect),
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
    return transaction.execute(() => statement(this.#scene(transaction), parameters));
  }

  commit(transaction: ServerTransaction): void {
    const notices = transaction.commit();
    this.#outcomes.set(transaction.id, 'committed');
    this.onCommitted();
    for (const notice of notices) {
      this.note(`told ${notice.channel}`);
      this.#tell(notice);
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
    for (const listening of this.#listening) this.#disconnect(listening);
  }

  stop(): void {
    this.#isUp = false;
    for (const session of this.#sessions) session.cut(lostConnection());
    this.#sessions.clear();
    for (const listening of this.#listening) this.#disconnect(listening);
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

  #openPool(life: Life): ConnectionPool {
    const idle: Session[] = [];
    const connect = (): Promise<Session> =>
      new Promise((resolve, reject) => {
        life.effect(() => {
          this.#agenda.after(this.latency(this.#random), () => {
            const session = new Session(this, life, this.#agenda, this.#random);
            if (this.#isUp) this.#sessions.add(session);
            life.hear(() =>
              this.#isUp ? resolve(session) : reject(lostConnection('ECONNREFUSED')),
            );
          });
        });
      });
    life.atDeath(() => {
      for (const session of this.#sessions) {
        if (session.life !== life) continue;
        this.#sessions.delete(session);
        session.hangUp();
      }
    });
    return {
      async use(work) {
        let session = idle.pop();
        while (session?.isLost === true) session = idle.pop();
        session ??= await connect();
        let isBroken: boolean = false;
        try {
          return await work(session);
        } catch (error) {
          isBroken = isConnectionLost(error);
          throw error;
        } finally {
          if (!isBroken) idle.push(session);
        }
      },
      close: async () => {},
    };
  }

  #listen(
    life: Life,
    channels: readonly string[],
    onNotify: Listening['onNotify'],
    onReconnect: () => void,
  ): Promise<Listener> {
    const listening: Listening = {
      life,
      channels: new Set(channels),
      onNotify,
      onReconnect,
      isConnected: false,
      isClosed: false,
    };
    const listener: Listener = {
      close: async () => {
        listening.isClosed = true;
        this.#listening.delete(listening);
      },
    };
    return new Promise((resolve, reject) => {
      life.effect(() => {
        this.#agenda.after(this.latency(this.#random), () => {
          if (!this.#isUp) {
            life.hear(() => reject(lostConnection('ECONNREFUSED')));
            return;
          }
          listening.isConnected = true;
          this.#listening.add(listening);
          this.#agenda.after(this.latency(this.#random), () => life.hear(() => resolve(listener)));
        });
      });
    });
  }

  #disconnect(listening: Listening): void {
    if (!listening.isConnected) return;
    listening.isConnected = false;
    const reconnect = (): void => {
      if (listening.isClosed || listening.life.isOver) return;
      if (!this.#isUp) {
        this.#agenda.after(reconnectMilliseconds, reconnect);
        return;
      }
      listening.isConnected = true;
      listening.life.hear(listening.onReconnect);
    };
    this.#agenda.after(reconnectMilliseconds, reconnect);
  }

  #tell(notice: Notice): void {
    for (const listening of this.#listening) {
      if (!listening.channels.has(notice.channel)) continue;
      this.#agenda.after(this.latency(this.#random), () => {
        if (!listening.isConnected || listening.isClosed) return;
        listening.life.hear(() => listening.onNotify(notice.channel, notice.payload));
      });
    }
  }

  #wakeWaiting(transaction: ServerTransaction): void {
    const waiting = this.#waiting.get(transaction) ?? [];
    this.#waiting.delete(transaction);
    for (const act of waiting) this.#agenda.after(0, act);
  }
}
