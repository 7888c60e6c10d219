import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, Transaction } from '../connection/connection.ts';
import { quoted } from './time-columns.ts';

// Who waits for a lock holds up all that come after it: better to give up, and try again when there is more room.
const lockWaitMilliseconds = 40;
// A transaction of Hydra's that holds a table for longer is rare; between two tries everybody gets through.
const retryMillisecondsMin = 20;
const retryMillisecondsMax = 1_000;

/** What the locks cost others. */
export type LockTally = { longestMilliseconds: number };

/**
 * Has the table alone for a moment, and changes nothing but the catalogue meanwhile. The lock is wanted for some
 * hundredths of a second at most, then others go first.
 */
export async function alone(
  database: Database,
  table: string,
  tally: LockTally,
  work: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  let wait = retryMillisecondsMin;
  for (;;) {
    let began = performance.now();
    try {
      await database.transaction(async (transaction) => {
        await transaction.query(`set local lock_timeout = ${lockWaitMilliseconds}`);
        began = performance.now();
        await transaction.query(`lock table ${quoted(table)} in access exclusive mode`);
        await work(transaction);
      });
      note(tally, began);
      return;
    } catch (error) {
      note(tally, began);
      if (!isLockTimeout(error)) throw error;
    }
    await sleep(wait);
    wait = Math.min(2 * wait, retryMillisecondsMax);
  }
}

function note(tally: LockTally, began: number): void {
  tally.longestMilliseconds = Math.max(tally.longestMilliseconds, performance.now() - began);
}

function isLockTimeout(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof pg.DatabaseError && cause.code === '55P03') return true;
  }
  return false;
}
