import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { advisoryLocks } from './advisory-locks.ts';
import { Fault } from '../fault/fault.ts';
import { connectionSettings } from './connection/connection-settings.ts';
import type { DatabaseAddress } from './connection/connection-settings.ts';
import type { Database, Transaction } from './connection/connection.ts';
import { together } from './connection/together.ts';

/** Of several runners on one database one leads. Ended by disposing it: the next one may lead at once. */
export interface Lead extends AsyncDisposable {
  /** Grows with every runner that takes the lead. */
  readonly term: number;
  /** Rejects with `Fault('lead-lost')` when another runner leads, or when nobody can tell any more; never resolves. */
  readonly lost: Promise<never>;
}

// What another runner has given up, or lost with its machine, is noticed so soon.
const pollMilliseconds = 500;
// An answer takes a moment; without one for so long the connection is dead.
const answerMillisecondsMax = 5_000;
// As long as a transaction waits for a server that is away.
const doubtMillisecondsMax = 60_000;
// The server notices a machine that is gone within some five seconds; on a socket of its own machine at once.
const sessionSettings = `
  set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 3; set tcp_user_timeout = 5000`;

export const lockLeadStatement = `select pg_try_advisory_lock($1::bigint) as "isLeader"`;
export const beginTermStatement = `
  insert into iolaus.leadership (one, term) values (true, 1)
  on conflict (one) do update set term = iolaus.leadership.term + 1 returning term`;
export const readTermStatement = `select term from iolaus.leadership`;
/** Whoever takes the lead waits for transactions that hold this row, and ends all that come after. */
export const holdTermStatement = `select 1 from iolaus.leadership where term = $1::bigint for share`;

/**
 * Takes the lead, as soon as nobody has it. Throws `Fault('already-led')` when its patience has come to an end.
 */
export async function takeLead(
  address: DatabaseAddress,
  options: {
    /** How long to wait for another runner to end; Infinity for one that stands by. */
    readonly patienceMilliseconds: number;
    /** Called once if somebody else leads. */
    readonly onStandby: () => void;
  },
): Promise<Lead> {
  const { patienceMilliseconds, onStandby } = options;
  const deadline = performance.now() + patienceMilliseconds;
  let session = await openSession(address);
  for (let waits = 0; !(await session.tryLock()); waits += 1) {
    if (waits === 0) onStandby();
    if (performance.now() > deadline) {
      await session.close();
      throw new Fault('already-led', 'another runner works on this database', {
        remedy: 'Stop it, or start this one with --standby: it will take over.',
      });
    }
    await sleep(pollMilliseconds);
    // A server that is away is waited for as well.
    if (session.isOver) session = await openSession(address).catch(() => session);
  }
  return new HeldLead(address, session, await session.beginTerm());
}

/** The same database for a runner that leads: what it writes after another one took over is undone. */
export function fencedDatabase(database: Database, { term }: Lead): Database {
  return {
    ...database,
    transaction: (work) =>
      database.transaction(async (transaction: Transaction) => {
        const holding = transaction.query(holdTermStatement, [term]);
        const [held, result] = await together([holding, work(transaction)]);
        if (held.length === 0) throw leadLost('another runner has taken over');
        return result;
      }),
  };
}

class HeldLead implements Lead {
  readonly term: number;
  readonly lost: Promise<never>;
  readonly #address: DatabaseAddress;
  readonly #ending = new AbortController();
  readonly #kept: Promise<void>;
  #session: Session;

  constructor(address: DatabaseAddress, session: Session, term: number) {
    this.#address = address;
    this.#session = session;
    this.term = term;
    const { promise, reject } = Promise.withResolvers<never>();
    this.lost = promise;
    promise.catch(() => {});
    this.#kept = this.#keep().catch(reject);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#kept;
    await this.#session.close();
  }

  /** Throws what `lost` is to reject with. */
  async #keep(): Promise<void> {
    const { signal } = this.#ending;
    let confirmedAt = performance.now();
    while (!signal.aborted) {
      await sleep(pollMilliseconds, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if (await this.#confirm()) confirmedAt = performance.now();
      else if (performance.now() - confirmedAt > doubtMillisecondsMax) {
        throw leadLost('the database does not answer');
      }
    }
  }

  /** False if nobody can tell. With the connection the lock is gone; nothing is lost before another one has begun. */
  async #confirm(): Promise<boolean> {
    try {
      if (this.#session.isOver) {
        this.#session = await openSession(this.#address);
        if (!(await this.#session.tryLock())) throw new Error('another runner has the lock');
      }
      const term = await this.#session.term();
      if (term === this.term) return true;
    } catch {
      await this.#session.close();
      return false;
    }
    throw leadLost('another runner has taken over');
  }
}

/** A connection with whose end the server gives up the lock. */
type Session = {
  readonly isOver: boolean;
  tryLock(): Promise<boolean>;
  beginTerm(): Promise<number>;
  term(): Promise<number>;
  close(): Promise<void>;
};

async function openSession(address: DatabaseAddress): Promise<Session> {
  const client = new pg.Client({
    ...connectionSettings(address),
    query_timeout: answerMillisecondsMax,
  });
  let isOver = false;
  client.on('error', () => (isOver = true));
  client.on('end', () => (isOver = true));
  await client.connect();
  await client.query(sessionSettings);
  const one = async <Row extends object>(statement: string, parameters: unknown[] = []) => {
    const { rows } = await client.query<Row>(statement, parameters);
    return rows[0];
  };
  return {
    get isOver() {
      return isOver;
    },
    tryLock: async () => {
      const answer = one<{ isLeader: boolean }>(lockLeadStatement, [advisoryLocks.lead]);
      return (await answer.catch(() => undefined))?.isLeader === true;
    },
    beginTerm: async () => (await one<{ term: number }>(beginTermStatement))?.term ?? 0,
    term: async () => (await one<{ term: number }>(readTermStatement))?.term ?? 0,
    close: async () => {
      isOver = true;
      await client.end().catch(() => {});
    },
  };
}

const leadLost = (why: string): Fault =>
  new Fault('lead-lost', `this runner leads no more: ${why}`, {
    remedy: 'Start it again with --standby.',
  });
