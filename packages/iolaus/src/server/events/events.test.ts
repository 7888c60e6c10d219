import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { apiRoot } from '../../api/contract.ts';
import { startServer } from '../server.ts';
import { addUser, tokenOf } from '../testing/accounts.ts';
import { ask } from '../testing/ask.ts';
import { listen } from '../testing/listen.ts';
import type { Listening, ReceivedEvent } from '../testing/listen.ts';
import { serveScene, silentLogger } from '../testing/serve-scene.ts';
import type { ServedScene } from '../testing/serve-scene.ts';

type Data = {
  readonly id?: number;
  readonly build?: number;
  readonly status?: string;
  readonly jobset?: string;
} | null;

// In a suite, so that the server is gone before its database.
suite('events', () => {
  let served: ServedScene;

  before(async () => {
    served = await serveScene();
  });
  after(() => served[Symbol.asyncDispose]());

  const open = (
    topics: string,
    headers: Record<string, string> = {},
    url = served.server.url,
  ): Promise<Listening<Data>> => listen(url, `${apiRoot}/events?topics=${topics}`, headers);

  /** Listens from now on. */
  async function hear(...asked: Parameters<typeof open>): Promise<Listening<Data>> {
    const events = await open(...asked);
    assert.equal((await events.next())?.event, 'ready');
    return events;
  }

  async function next(events: Listening<Data>): Promise<ReceivedEvent<Data>> {
    return (await events.next()) ?? assert.fail('the stream has ended');
  }

  test('a build and its steps are told as they are, to whoever wants to hear of them', async () => {
    const { scene } = served;
    const events = await hear('jobset:told:jobset,steps,evaluations');
    const [build] = await scene.queue(['heard'], 'told');
    assert.ok(build);
    const seen = new Set<string>();
    const until = async (wanted: string): Promise<void> => {
      while (!seen.has(wanted)) {
        const { event, data } = await next(events);
        seen.add(`${event} ${data?.status ?? data?.jobset}`);
      }
    };
    await until('evaluation jobset');
    await until('build queued');
    const step = await scene.startStep(build, 'heard');
    await until('step running');
    await until('build running');
    await scene.finishStep(build, step, 'failed');
    await until('step failed');
    await scene.finishBuild(build, 'failed');
    await until('build failed');
    events.leave();
  });

  test('who comes back is told what it missed, by whichever server, and without a notification', async () => {
    const { scene, database, logDirectory, storeDirectory } = served;
    const [build, other] = await scene.queue(['missed', 'other'], 'back');
    assert.ok(build && other);
    const first = await open(`build:${build}`);
    const { id } = await next(first);
    first.leave();
    const options = { database, logDirectory, storeDirectory, logger: silentLogger() };
    await using second = await startServer({ ...options, host: '127.0.0.1', port: 0 });
    // One that began before and ends after another one has the lower number: it is not lost.
    await database.transaction(async (late) => {
      await late.query('update builds set globalpriority = 1 where id = $1', [build]);
      await scene.finishBuild(other, 'succeeded');
      const meanwhile = await open(`build:${build}`, { 'last-event-id': id }, second.url);
      assert.equal((await next(meanwhile)).event, 'ready');
      meanwhile.leave();
    });
    const events = await open(`build:${build}`, { 'last-event-id': id }, second.url);
    assert.deepEqual((await next(events)).data?.id, build);
    assert.equal((await next(events)).event, 'ready');
    events.leave();
  });

  test('all who listen hear the same', async () => {
    const everybody = await Promise.all(Array.from({ length: 20 }, () => hear('builds')));
    const [build] = await served.scene.queue(['heard-by-all'], 'all');
    assert.ok(build);
    for (const events of everybody) {
      assert.equal((await next(events)).data?.id, build);
      events.leave();
    }
  });

  test('what happens while the connection to the database is away is told once it is back', async () => {
    const { database, scene } = served;
    const events = await hear('builds');
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query ilike 'listen%'`,
    );
    const [build] = await scene.queue(['meanwhile'], 'meanwhile');
    assert.ok(build);
    assert.equal((await next(events)).data?.id, build);
    events.leave();
  });

  test('who was away too long, or elsewhere, is told to read everything again', async () => {
    const { database, scene } = served;
    const elsewhere = await open('builds', { 'last-event-id': '999999999:999999999:' });
    assert.equal((await next(elsewhere)).event, 'reset');
    elsewhere.leave();
    const events = await open('builds');
    const { id } = await next(events);
    events.leave();
    await scene.queue(['later'], 'later');
    await database.query('delete from iolaus.events');
    const back = await open('builds', { 'last-event-id': id });
    assert.equal((await next(back)).event, 'ready');
    back.leave();
    await scene.queue(['latest'], 'later');
    await database.query(
      'delete from iolaus.events where id < (select max(id) from iolaus.events)',
    );
    const late = await open('builds', { 'last-event-id': id });
    assert.equal((await next(late)).event, 'reset');
    late.leave();
  });

  test('of a hidden project only those hear who have a part in it', async () => {
    const { scene, database } = served;
    const [secret] = await scene.queue(['secret'], 'hidden');
    const [open1] = await scene.queue(['open'], 'shown');
    assert.ok(secret && open1);
    await database.query(`update projects set hidden = 1 where name = 'hidden'`);
    await addUser(database, 'member');
    await database.query(`insert into projectmembers values ('hidden', 'member')`);
    const topics = `builds,steps,jobsets,evaluations,build:${secret}`;
    const anybody = await hear(topics);
    const member = await hear(topics, await tokenOf(database, 'member'));
    await scene.startStep(secret, 'secret');
    assert.equal((await next(member)).data?.id, secret);
    await scene.finishBuild(open1, 'succeeded');
    assert.equal((await next(anybody)).data?.id, open1);
    anybody.leave();
    member.leave();
  });

  test('many builds at once are told as many of a jobset', async () => {
    const { scene } = served;
    const events = await hear('builds');
    await scene.queue(
      Array.from({ length: 600 }, (_, index) => `many${index}`),
      'many',
    );
    const { event, data } = await next(events);
    assert.deepEqual([event, data], ['builds', { project: 'many', jobset: 'jobset' }]);
    events.leave();
  });

  test('the depth of the queues is told while somebody looks', async () => {
    const events = await hear('queues');
    assert.equal((await next(events)).event, 'queues');
    events.leave();
  });

  test('what is no topic is refused', async () => {
    const { status } = await ask(served.server.url, `${apiRoot}/events?topics=everything`);
    assert.equal(status, 400);
  });
});
