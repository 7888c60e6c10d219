import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../fault/fault.ts';
import type { DatabaseAddress } from './connection/connection-settings.ts';
import type { Database, Transaction } from './connection/connection.ts';
import { together } from './connection/together.ts';
import { openLeadSession } from './lead-session.ts';
import type { LeadSession } from './lead-session.ts';

/** Of several runners on one database one leads. Ended by disposing it: the next one may lead at once. */
export interface Lead extends AsyncDisposable {
  /** Grows with every runner that takes the lead. */
  readonly term: number;
  /** Rejects with `Fault('lead-lost')` when another runner leads, or when nobody can tell any more; never resolves. */
  readonly lost: Promise<never>;
}

// What another runner has given up, or lost with its machine, is noticed so soon.
const pollMilliseconds = 500;
// A leader asks twice a second; no pause of a garbage collector lasts so long. Together with what the next one needs to begin
// it stays below ten seconds.
const silentLooksMax = 12;
// As long as a transaction waits for a server that is away.
const doubtMillisecondsMax = 60_000;
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
  let session = await openLeadSession(address);
  const endSilentLeader = watchLeader();
  for (let waits = 0; !(await session.tryLock()); waits += 1) {
    if (waits === 0) onStandby();
    if (performance.now() > deadline) {
      await session.close();
      throw new Fault('already-led', 'another runner works on this database', {
        remedy: 'Stop it, or start this one with --standby: it will take over.',
      });
    }
    await endSilentLeader(session);
    await sleep(pollMilliseconds);
    // A server that is away is waited for as well.
    if (session.isOver) session = await openLeadSession(address).catch(() => session);
  }
  return new HeldLead(address, session, await session.beginTerm());
}

/**
 * A leader that stands still keeps its connection, and with it the lock. It is measured in our looks and not in time: while the
 * server is away nobody hears anything of anybody.
 */
function watchLeader(): (session: LeadSession) => Promise<void> {
  let last: string | null = null;
  let looksInVain = 0;
  return async (session) => {
    const heardAt = await session.hearLeader();
    looksInVain = heardAt === last ? looksInVain + 1 : 0;
    last = heardAt;
    if (heardAt !== null && looksInVain >= silentLooksMax) await session.endLeader(heardAt);
  };
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
  #session: LeadSession;

  constructor(address: DatabaseAddress, session: LeadSession, term: number) {
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
    const { hasLock, term } = await this.#look().catch(() => ({ hasLock: false, term: this.term }));
    if (term !== this.term) throw leadLost('another runner has taken over');
    if (!hasLock) await this.#session.close();
    return hasLock;
  }

  /** Takes the lock again where the connection was lost. */
  async #look(): Promise<{ readonly hasLock: boolean; readonly term: number }> {
    const isNew = this.#session.isOver;
    if (isNew) this.#session = await openLeadSession(this.#address);
    const hasLock = !isNew || (await this.#session.tryLock());
    return { hasLock, term: await this.#session.term() };
  }
}

const leadLost = (why: string): Fault =>
  new Fault('lead-lost', `this runner leads no more: ${why}`, {
    remedy: 'Start it again with --standby.',
  });
