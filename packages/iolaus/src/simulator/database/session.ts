import type {
  Client,
  PreparedQuery,
  QueryResult,
} from '../../database/connection/connection-pool.ts';
import type { Agenda } from '../agenda.ts';
import type { Life } from '../life.ts';
import { databaseError, lostConnection } from './failures.ts';
import { Parameters } from './parameters.ts';
import type { Server } from './server.ts';
import { Blocked } from './table.ts';
import type { ServerTransaction } from './transaction.ts';

type Answer = QueryResult<object>;
type Request = {
  readonly query: string | PreparedQuery;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: Error) => void;
};

/** A connection to the made-up server, with both its ends. Requests are worked off one after the other. */
export class Session implements Client {
  readonly #server: Server;
  readonly life: Life;
  readonly #agenda: Agenda;
  readonly #requests: Request[] = [];
  readonly #pending = new Set<Request>();
  #transaction: ServerTransaction | undefined;
  #isInBlock = false;
  #lastArrival = 0;
  #lastAnswer = 0;
  #isWaiting = false;
  #loss: Error | undefined;

  constructor(server: Server, life: Life, agenda: Agenda) {
    this.#server = server;
    this.life = life;
    this.#agenda = agenda;
  }

  get isLost(): boolean {
    return this.#loss !== undefined;
  }

  query<Row extends object>(query: string | PreparedQuery): Promise<QueryResult<Row>> {
    return new Promise((resolve, reject) => {
      this.life.effect(() => {
        // What the rows are is known by whoever knows the statement.
        const answer = (found: Answer): void => resolve(found as QueryResult<Row>);
        this.#send({ query, answer, fail: reject });
      });
    });
  }

  /** The connection is gone. What was asked is answered with an error, done or not. */
  cut(error: Error, serverNoticesAfterMilliseconds = 0): void {
    if (this.#loss !== undefined) return;
    this.#loss = error;
    for (const request of this.#pending) this.#agenda.after(0, () => this.#fail(request, error));
    this.#pending.clear();
    this.#requests.length = 0;
    this.#agenda.after(serverNoticesAfterMilliseconds, () => this.#endTransaction());
  }

  /** The program at the other end has died. What it has said still arrives; nobody hears the answer. */
  hangUp(): void {
    const arrival = Math.max(this.#agenda.now + this.#server.latency(), this.#lastArrival);
    this.#lastArrival = arrival;
    this.#agenda.after(arrival - this.#agenda.now, () => this.cut(lostConnection()));
  }

  #send(request: Request): void {
    if (this.#loss !== undefined) {
      this.#agenda.after(0, () => this.#fail(request, lostConnection()));
      return;
    }
    this.#pending.add(request);
    const arrival = Math.max(this.#agenda.now + this.#server.latency(), this.#lastArrival);
    this.#lastArrival = arrival;
    this.#agenda.after(arrival - this.#agenda.now, () => {
      if (this.#loss !== undefined) return;
      this.#requests.push(request);
      this.#work();
    });
  }

  #work(): void {
    if (this.#isWaiting) return;
    for (
      let request = this.#requests.shift();
      request !== undefined;
      request = this.#requests.shift()
    ) {
      try {
        this.#reply(request, this.#carryOut(request.query));
      } catch (error) {
        if (error instanceof Blocked) {
          this.#requests.unshift(request);
          this.#wait(error, request);
          return;
        }
        if (!this.#isInBlock) this.#endTransaction();
        else if (this.#transaction !== undefined) this.#transaction.hasFailed = true;
        this.#later(() =>
          this.#fail(request, error instanceof Error ? error : new Error(String(error))),
        );
      }
    }
  }

  #wait({ by }: Blocked, request: Request): void {
    const transaction = this.#transaction;
    if (transaction === undefined) throw new Error('a statement waits without a transaction');
    transaction.waitsFor = by;
    if (this.#server.isDeadlock(transaction)) {
      transaction.waitsFor = undefined;
      transaction.hasFailed = true;
      this.#requests.shift();
      this.#server.note('deadlock');
      this.#later(() => this.#fail(request, databaseError('40P01', 'deadlock detected')));
      return;
    }
    this.#isWaiting = true;
    this.#server.whenOver(by, () => {
      this.#isWaiting = false;
      transaction.waitsFor = undefined;
      if (this.#loss === undefined) this.#work();
    });
  }

  #carryOut(query: string | PreparedQuery): Answer {
    if (typeof query !== 'string') return this.#execute(query);
    switch (query) {
      case 'begin':
        this.#transaction = this.#server.begin();
        this.#isInBlock = true;
        return { command: 'BEGIN', rows: [] };
      case 'commit':
        return this.#commit();
      case 'rollback':
        this.#endTransaction();
        return { command: 'ROLLBACK', rows: [] };
      default:
        throw new Error(`the simulated database does not know '${query}'`);
    }
  }

  #execute({ text, values }: PreparedQuery): Answer {
    const transaction = (this.#transaction ??= this.#server.begin());
    if (transaction.hasFailed) throw databaseError('25P02', 'current transaction is aborted');
    const failure = this.#server.faultOf(text);
    if (failure !== undefined) throw failure;
    const rows = this.#server.execute(transaction, text, new Parameters(values));
    if (!this.#isInBlock) this.#commit();
    return { command: 'SELECT', rows };
  }

  #commit(): Answer {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    this.#isInBlock = false;
    if (transaction === undefined || transaction.hasFailed) {
      if (transaction !== undefined) this.#server.rollBack(transaction);
      return { command: 'ROLLBACK', rows: [] };
    }
    const { cutAtCommit } = this.#server;
    const isCut = cutAtCommit !== 'nowhere' && transaction.hasWritten;
    if (isCut) {
      this.#server.cutAtCommit = 'nowhere';
      this.#server.note(`cut ${cutAtCommit.replace('-', ' ')}`);
    }
    if (isCut && cutAtCommit === 'before-commit') this.#server.rollBack(transaction);
    else this.#server.commit(transaction);
    if (isCut) this.cut(lostConnection());
    return { command: 'COMMIT', rows: [] };
  }

  #endTransaction(): void {
    const transaction = this.#transaction;
    this.#transaction = undefined;
    this.#isInBlock = false;
    if (transaction !== undefined) this.#server.rollBack(transaction);
  }

  #reply(request: Request, answer: Answer): void {
    this.#later(() => {
      if (!this.#pending.delete(request)) return;
      this.life.hear(() => request.answer(answer));
    });
  }

  #fail(request: Request, error: Error): void {
    this.#pending.delete(request);
    this.life.hear(() => request.fail(error));
  }

  #later(act: () => void): void {
    const at = Math.max(this.#agenda.now + this.#server.latency(), this.#lastAnswer);
    this.#lastAnswer = at;
    this.#agenda.after(at - this.#agenda.now, act);
  }
}
