import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import test from 'node:test';
import type { Database } from './connection.ts';
import { emptyTestDatabase } from '../testing.ts';

/** What a listener was told, in order; `heard` is emitted for each. */
class Ear extends EventEmitter {
  readonly heard: string[] = [];

  readonly onNotify = (channel: string, payload: string): void =>
    this.#note(`${channel} ${payload}`);
  readonly onReconnect = (): void => this.#note('reconnected');

  #note(what: string): void {
    this.heard.push(what);
    this.emit('heard');
  }

  async until(count: number): Promise<string[]> {
    while (this.heard.length < count) await once(this, 'heard');
    return this.heard;
  }
}

const killListeners = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and query like 'listen%'`;

/** The server takes a moment to see that a connection has gone; one that stays makes this wait for ever. */
async function untilListeners(database: Database, count: number): Promise<void> {
  for (;;) {
    const rows = await database.query(
      `select pid from pg_stat_activity where datname = current_database() and query like 'listen%'`,
    );
    if (rows.length === count) return;
  }
}

const say = (database: Database, channel: string, payload: string): Promise<object[]> =>
  database.query('select pg_notify($1, $2)', [channel, payload]);

test('notifications of the channels arrive in order, those of others do not', async () => {
  await using made = await emptyTestDatabase();
  const ear = new Ear();
  const listener = await made.database.listen(['this', 'That'], ear.onNotify, ear.onReconnect);
  try {
    await say(made.database, 'other', 'x');
    await say(made.database, 'this', '1\t2');
    await say(made.database, 'That', '');
    await say(made.database, 'this', '3');
    assert.deepEqual(await ear.until(3), ['this 1\t2', 'That ', 'this 3']);
  } finally {
    await listener.close();
  }
});

test('a listener whose connection is killed listens again, says so, and hears everything once', async () => {
  await using made = await emptyTestDatabase();
  const ear = new Ear();
  const listener = await made.database.listen(['this'], ear.onNotify, ear.onReconnect);
  try {
    for (let round = 1; round <= 3; round += 1) {
      await made.database.query(killListeners);
      await ear.until(round * 2 - 1);
      await say(made.database, 'this', String(round));
      await ear.until(round * 2);
    }
    assert.deepEqual(
      ear.heard,
      [1, 2, 3].flatMap((round) => ['reconnected', `this ${round}`]),
    );
    await untilListeners(made.database, 1);
  } finally {
    await listener.close();
  }
});

test('a closed listener hears nothing more and leaves no connection', async () => {
  await using made = await emptyTestDatabase();
  const ear = new Ear();
  const listener = await made.database.listen(['this'], ear.onNotify, ear.onReconnect);
  await listener.close();
  await say(made.database, 'this', 'too late');
  await untilListeners(made.database, 0);
  assert.deepEqual(ear.heard, []);
});
