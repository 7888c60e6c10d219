import assert from 'node:assert/strict';
import test from 'node:test';
import type { BuildId, JobsetId } from '../../farm/identity.ts';
import { cancelBuilds } from '../builds/cancel-builds.ts';
import type { Database } from '../connection/connection.ts';
import { recordEvaluation } from './record-evaluation.ts';
import type { EvaluatedJob, EvaluationRecord } from './record-evaluation.ts';
import { testDatabase } from '../testing.ts';
import {
  addJobset,
  derivationOf,
  evaluationOf,
  jobNamed,
  outputOf,
  someTime,
} from '../testing-farm.ts';

const record = (
  database: Database,
  jobset: JobsetId,
  jobs: readonly EvaluatedJob[],
  reuse?: EvaluationRecord['reuse'],
): Promise<BuildId[]> =>
  database.transaction((transaction) =>
    recordEvaluation(transaction, evaluationOf(jobset, jobs, reuse)),
  );

const jobsNamed = (...names: readonly string[]): EvaluatedJob[] => names.map(jobNamed);

test('a job becomes a build with its outputs, a member of the evaluation', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const job: EvaluatedJob = {
    ...jobNamed('hello'),
    outputs: new Map([
      ['out', outputOf('hello')],
      ['dev', null],
    ]),
    homepage: 'https://example.org',
    maintainers: ['a', 'b'],
    priority: 7,
    isChannel: true,
    maxSilentSeconds: 60,
    timeoutSeconds: 600,
  };
  const [build] = await database.transaction((transaction) =>
    recordEvaluation(transaction, {
      ...evaluationOf(jobset, [job]),
      errorMessage: 'broken: no',
    }),
  );
  assert.ok(build !== undefined);
  assert.deepEqual(await database.query('select * from builds'), [
    {
      id: build,
      finished: 0,
      timestamp: someTime,
      jobset_id: jobset,
      job: 'hello',
      nixname: 'hello-1.0',
      description: 'The package hello',
      drvpath: derivationOf('hello'),
      system: 'x86_64-linux',
      license: 'MIT, GPL-3.0',
      homepage: 'https://example.org',
      maintainers: 'a, b',
      maxsilent: 60,
      timeout: 600,
      ischannel: 1,
      iscurrent: 1,
      priority: 7,
      globalpriority: 0,
      starttime: null,
      stoptime: null,
      keep: 0,
      iscachedbuild: null,
      buildstatus: null,
      size: null,
      closuresize: null,
      releasename: null,
      notificationpendingsince: null,
    },
  ]);
  assert.deepEqual(await database.query('select name, path from buildoutputs order by name'), [
    { name: 'dev', path: null },
    { name: 'out', path: outputOf('hello') },
  ]);
  assert.deepEqual(
    await database.query(
      `select e.jobset_id, e.timestamp, e.evaltime, e.hasnewbuilds, e.nrbuilds, x.errormsg, m.build, m.isnew
       from jobsetevals e join evaluationerrors x on x.id = e.evaluationerror_id
       join jobsetevalmembers m on m.eval = e.id`,
    ),
    [
      {
        jobset_id: jobset,
        timestamp: someTime,
        evaltime: 3,
        hasnewbuilds: 1,
        nrbuilds: 1,
        errormsg: 'broken: no',
        build,
        isnew: 1,
      },
    ],
  );
  assert.deepEqual(await database.query('select lastcheckedtime, errormsg from jobsets'), [
    { lastcheckedtime: someTime, errormsg: 'broken: no' },
  ]);
});

test('one derivation under two names is a build each', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const twin = { ...jobNamed('hello'), job: 'alias' };
  const builds = await record(database, jobset, [jobNamed('hello'), twin]);
  assert.equal(new Set(builds).size, 2);
  assert.deepEqual(await record(database, jobset, [twin, jobNamed('hello')]), builds.toReversed());
});

test('queued builds of the newest evaluation are taken again, failed ones are tried again', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const [queued, finished] = await record(database, jobset, jobsNamed('queued', 'finished'));
  assert.ok(queued !== undefined && finished !== undefined);
  await cancelBuilds(database, [finished], someTime);
  const again = await record(database, jobset, jobsNamed('new', 'finished', 'queued'));
  assert.equal(again[2], queued);
  assert.ok(again.slice(0, 2).every((id) => id > finished));
});

test('as Hydra does it, finished builds are taken again as well', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const other = await addJobset(database, 'project', 'other');
  const builds = await record(database, jobset, jobsNamed('queued', 'finished'));
  await cancelBuilds(database, builds.slice(1), someTime);
  assert.deepEqual(await record(database, jobset, jobsNamed('queued', 'finished'), 'any'), builds);
  const changed = { ...jobNamed('queued'), derivation: derivationOf('changed') };
  const [fresh] = await record(database, jobset, [changed], 'any');
  assert.ok(fresh !== undefined && !builds.includes(fresh));
  const elsewhere = await record(database, other, jobsNamed('queued'), 'any');
  assert.ok(elsewhere.every((id) => !builds.includes(id)));
});

test('a finished build of the same output gets the new derivation and is queued again', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const builds = await record(database, jobset, jobsNamed('moved', 'kept'));
  await cancelBuilds(database, builds, someTime);
  await database.query('update jobsetevals set nrsucceeded = 0');
  const moved = { ...jobNamed('moved'), derivation: derivationOf('elsewhere') };
  assert.deepEqual(await record(database, jobset, [moved, jobNamed('kept')], 'any'), builds);
  assert.deepEqual(
    await database.query('select drvpath, finished, buildstatus from builds order by id'),
    [
      { drvpath: derivationOf('elsewhere'), finished: 0, buildstatus: null },
      { drvpath: derivationOf('kept'), finished: 1, buildstatus: 4 },
    ],
  );
  assert.deepEqual(await database.query('select nrsucceeded from jobsetevals where id = 1'), [
    { nrsucceeded: null },
  ]);
});

test('where the output is not known before the build, the derivation makes the difference', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const floating = { ...jobNamed('floating'), outputs: new Map([['out', null]]) };
  const [build] = await record(database, jobset, [floating]);
  const other = { ...floating, derivation: derivationOf('other') };
  assert.notDeepEqual(await record(database, jobset, [other], 'any'), [build]);
});

test('the first output by name stands for all, however they are ordered', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const outputs = [
    ['out', outputOf('out')],
    ['bin', outputOf('bin')],
    ['Zed', outputOf('Zed')],
  ] as const;
  const job = { ...jobNamed('many'), outputs: new Map(outputs) };
  const builds = await record(database, jobset, [job]);
  const turned = { ...job, outputs: new Map(outputs.toReversed()) };
  assert.deepEqual(await record(database, jobset, [turned]), builds);
});

test('an evaluation that found nothing new has a row and no members', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const builds = await record(database, jobset, jobsNamed('a', 'b'));
  assert.deepEqual(await record(database, jobset, jobsNamed('a', 'b')), builds);
  const fewer = await record(database, jobset, jobsNamed('b'));
  assert.deepEqual(fewer, builds.slice(1));
  assert.deepEqual(
    await database.query(
      `select e.id, hasnewbuilds, nrbuilds, count(m.build)::int as members
       from jobsetevals e left join jobsetevalmembers m on m.eval = e.id group by e.id order by e.id`,
    ),
    [
      { id: 1, hasnewbuilds: 1, nrbuilds: 2, members: 2 },
      { id: 2, hasnewbuilds: 0, nrbuilds: null, members: 0 },
      { id: 3, hasnewbuilds: 1, nrbuilds: 1, members: 1 },
    ],
  );
});

test('two jobs of one name and one output are one build', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const [first, second, ...others] = await record(database, jobset, jobsNamed('a', 'a'));
  assert.equal(first, second);
  assert.deepEqual(others, []);
});

test('current are the builds of the newest evaluation of each jobset', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const other = await addJobset(database, 'project', 'other');
  const elsewhere = await record(database, other, jobsNamed('a'));
  const [, kept] = await record(database, jobset, jobsNamed('gone', 'kept'));
  const [, added] = await record(database, jobset, jobsNamed('kept', 'added'));
  const current = async (): Promise<number[]> => {
    const rows = await database.query<{ id: number }>(
      'select id from builds where iscurrent = 1 order by id',
    );
    return rows.map(({ id }) => id);
  };
  assert.deepEqual(await current(), [...elsewhere, kept, added]);
  await record(database, jobset, []);
  assert.deepEqual(await current(), elsewhere);
});

test('the runner hears the lowest new build, and notifiers hear of each', async () => {
  await using made = await testDatabase();
  const { database } = made;
  await using opened = new AsyncDisposableStack();
  const jobset = await addJobset(database);
  let heard: string[] = [];
  let rest = Promise.withResolvers<void>();
  const listener = await database.listen(
    [
      'builds_added',
      'build_queued',
      'cached_build_queued',
      'cached_build_finished',
      'eval_added',
      'rest',
    ],
    (channel, payload) => {
      if (channel === 'rest') rest.resolve();
      else heard.push(`${channel} ${payload}`);
    },
    () => {},
  );
  opened.defer(() => listener.close());
  const heardOf = async (evaluation: number): Promise<string[]> => {
    await database.query('notify rest');
    await rest.promise;
    rest = Promise.withResolvers();
    const told = heard.map((one) => one.replace(`eval_added ${process.pid}`, 'eval_added PID'));
    heard = [];
    return told.filter((one) => !one.endsWith(`PID\t${jobset}\t${evaluation}`));
  };
  const [a = 0, b] = await record(database, jobset, jobsNamed('a', 'b'));
  assert.deepEqual(await heardOf(1), [
    `build_queued ${a}`,
    `build_queued ${b}`,
    `builds_added ${a}`,
  ]);
  await database.query(
    'update builds set finished = 1, buildstatus = 0, starttime = 1, stoptime = 1 where id = $1',
    [a],
  );
  const [c] = (await record(database, jobset, jobsNamed('a', 'b', 'c'), 'any')).slice(2);
  assert.deepEqual(await heardOf(2), [
    `cached_build_finished 2\t${a}`,
    `cached_build_queued 2\t${b}`,
    `build_queued ${c}`,
    `builds_added ${c}`,
  ]);
  await record(database, jobset, jobsNamed('a', 'b'), 'any');
  assert.deepEqual(await heardOf(3), [
    `cached_build_finished 3\t${a}`,
    `cached_build_queued 3\t${b}`,
  ]);
});

test('twenty thousand jobs are recorded in one transaction', async () => {
  await using made = await testDatabase();
  const { database } = made;
  const jobset = await addJobset(database);
  const names = Array.from({ length: 20_000 }, (_, index) => `job${index}`);
  const builds = await record(database, jobset, names.map(jobNamed));
  assert.equal(builds.length, 20_000);
  assert.deepEqual(
    builds,
    builds.toSorted((one, other) => one - other),
  );
});
