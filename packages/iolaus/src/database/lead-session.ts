import pg from 'pg';
import { advisoryLocks } from './advisory-locks.ts';
import { connectionSettings } from './connection/connection-settings.ts';
import type { DatabaseAddress } from './connection/connection-settings.ts';

// An answer takes a moment; without one for so long the connection is dead.
const answerMillisecondsMax = 5_000;
// The server notices a machine that is gone within some five seconds; on a socket of its own machine at once.
const sessionSettings = `
  set tcp_keepalives_idle = 2; set tcp_keepalives_interval = 1; set tcp_keepalives_count = 3; set tcp_user_timeout = 5000`;

/** The session that has the lock, if we may see when it last asked for something. */
const leader = `
  pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and granted and objsubid = 1
    and (classid::bigint << 32) + objid::bigint = $1::bigint
    and pg_locks.database = (select oid from pg_database where datname = current_database())
    and state_change is not null`;

export const lockLeadStatement = `select pg_try_advisory_lock($1::bigint) as "isLeader"`;
/** Transactions that hold the term, of a leader who may be gone with its machine, or stand still: nobody would end them. */
export const endFormerStatement = `
  select pg_terminate_backend(pid) from pg_locks
  where relation = 'iolaus.leadership'::regclass and mode = 'RowShareLock'
    and database = (select oid from pg_database where datname = current_database())`;
export const beginTermStatement = `
  insert into iolaus.leadership (one, term) values (true, 1)
  on conflict (one) do update set term = iolaus.leadership.term + 1 returning term`;
export const readTermStatement = `select term from iolaus.leadership`;
export const hearLeaderStatement = `select state_change::text as "heardAt" from ${leader}`;
export const endLeaderStatement = `
  select pg_terminate_backend(pid) from ${leader} and state_change::text = $2`;

/** A connection with whose end the server gives up the lock. */
export type LeadSession = {
  readonly isOver: boolean;
  tryLock(): Promise<boolean>;
  beginTerm(): Promise<number>;
  term(): Promise<number>;
  /** When whoever has the lock last asked the server for something, in the server's words; null: nobody can tell. */
  hearLeader(): Promise<string | null>;
  /** Takes the lock from who has it, and has not asked for anything since. */
  endLeader(heardAt: string): Promise<void>;
  close(): Promise<void>;
};

export async function openLeadSession(address: DatabaseAddress): Promise<LeadSession> {
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
  /** Ends other sessions. Who may not do so waits until somebody else does. */
  const tryTo = async (statement: string, parameters: unknown[] = []): Promise<void> => {
    await one(statement, parameters).catch(() => {});
  };
  const { lead } = advisoryLocks;
  return {
    get isOver() {
      return isOver;
    },
    tryLock: async () => {
      const answer = one<{ isLeader: boolean }>(lockLeadStatement, [lead]);
      return (await answer.catch(() => undefined))?.isLeader === true;
    },
    beginTerm: async () => {
      await tryTo(endFormerStatement);
      return (await one<{ term: number }>(beginTermStatement))?.term ?? 0;
    },
    term: async () => (await one<{ term: number }>(readTermStatement))?.term ?? 0,
    hearLeader: async () => {
      const answer = one<{ heardAt: string }>(hearLeaderStatement, [lead]);
      return (await answer.catch(() => undefined))?.heardAt ?? null;
    },
    endLeader: (heardAt) => tryTo(endLeaderStatement, [lead, heardAt]),
    close: async () => {
      isOver = true;
      await client.end().catch(() => {});
    },
  };
}
