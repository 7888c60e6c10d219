import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeGate } from '../../builder/testing/gate.ts';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm, QueuedScript } from '../../testing/live-farm.ts';
import { assertNamedTests } from '../../testing/named-tests.ts';
import type { NamedTest } from '../../testing/named-tests.ts';

// What Hydra's own tests have its queue runner do, with our programs: each here, or in a test that this list names.

const elsewhere: Readonly<Record<string, NamedTest>> = {
  'a finished build can be submitted again': {
    file: 'cli/end-to-end/hydra-programs.test.ts',
    name: /sockets handed over, no queue followed, one build asked for/,
  },
  'a substitutable build tells its end alone': {
    file: 'cli/end-to-end/substitutes.test.ts',
    name: /fetched instead of built, and only the end of the build is told/,
  },
  'silence, time, log and output are limited, and a build may have longer limits': {
    file: 'cli/end-to-end/limits.test.ts',
    name: /every limit is kept from one end to the other/,
  },
  'content-addressed builds end as they should, those above a failed one too': {
    file: 'cli/end-to-end/content-addressed.test.ts',
    name: /fails as itself, and what needs it for its sake/,
  },
  'different upstreams with equal contents have one downstream': {
    file: 'cli/end-to-end/content-addressed.test.ts',
    name: /what resolves to the same is built once/,
  },
  'a produced derivation is built, with a row for each': {
    file: 'cli/end-to-end/dynamic-derivations.test.ts',
    name: /what derivations produce is built/,
  },
  'a graph of produced derivations is built, with its rows': {
    file: 'cli/end-to-end/dynamic-derivations.test.ts',
    name: /a graph that is produced whole/,
  },
  'rows that were left busy are closed, and no others': {
    file: 'database/steps/orphaned-steps.test.ts',
    name: /those that are named are aborted now, siblings and finished ones left alone/,
  },
  'concurrent inserts of one build all get a number': {
    file: 'database/steps/steps.test.ts',
    name: /many writers of one build all succeed/,
  },
  'a dependency that ends while its dependent is read does not block it': {
    file: 'farm/graph/queue-builds.test.ts',
    name: /an input that is neither known nor queued is there already/,
  },
  'a deadlock is tried again': {
    file: 'database/connection/connection.test.ts',
    name: /a transaction that loses a deadlock is done again/,
  },
  '5,000 dependents arrive complete, in several notifications': {
    file: 'database/notify.test.ts',
    name: /in the order in which it was given, also of 5,000 dependents/,
  },
  'what is to be uploaded first holds up what needs it': {
    file: 'runner/uploads/direct/direct-uploads.test.ts',
    name: /a step waits until what it needs, and only the runner has, is in the cache/,
  },
  'what only the overflow store has is copied first, and not built again': {
    file: 'runner/uploads/overflow/overflow.test.ts',
    name: /what others need of it is copied, not built again, and they wait for it/,
  },
  'an overflow jobset lands in the overflow store only': {
    file: 'runner/uploads/overflow/overflow.test.ts',
    name: /an overflow jobset's outputs land in the overflow store only/,
  },
  'what derivations produced is looked up along chains of one to three, and the newest counts': {
    file: 'database/steps/realisations.test.ts',
    name: /along chains of one to three, through what they were resolved into/,
  },
  'features are read from structured attributes': {
    file: '../../nix/src/derivation/system-features.test.ts',
    name: /with structured attributes they are strings of a list/,
  },
  'a diamond has its priorities': {
    file: 'farm/queues/rank.test.ts',
    name: /all of a diamond has the priorities of its top/,
  },
  'critical paths decide': {
    file: 'farm/selection/hydra.test.ts',
    name: /WithCriticalPath takes the longest chain/,
  },
};

test("each of Hydra's scenarios is in a test", () => assertNamedTests(elsewhere));

/** One of Nix's programs, as a client of the farm's daemon; resolves with what it prints. */
async function nix(
  { daemon }: LiveFarm,
  program: string,
  ...parameters: readonly string[]
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, parameters, { env: daemon.environment });
  return stdout.trim();
}

const derivationFile = ({ daemon }: LiveFarm, { derivation }: QueuedScript): string =>
  join(daemon.address.storeDirectory, derivation);

type BuildRow = {
  readonly cached: number | null;
  readonly notifies: boolean;
  readonly releaseName: string | null;
};

async function rowOf({ database }: LiveFarm, build: number): Promise<BuildRow | undefined> {
  const [row] = await database.query<BuildRow>(
    `select iscachedbuild as cached, notificationpendingsince is not null as notifies,
       releasename as "releaseName" from builds where id = $1`,
    [build],
  );
  return row;
}

test('a build tells that it started, where the log of its step is, and that it finished, in that order', async () => {
  await using farm = await openLiveFarm();
  const told: string[] = [];
  const listener = await farm.database.listen(
    ['build_started', 'step_finished', 'build_finished'],
    (channel, payload) => void told.push(`${channel}: ${payload}`),
    () => {},
  );
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const { build, derivation } = await farm.queue('told', 'echo said; echo > $out');
  assert.equal(await farm.statusOf(build), 0);
  await until(() => told.length >= 3);
  const log = `${farm.folder}/build-logs/${derivation.slice(0, 2)}/${derivation.slice(2)}`;
  assert.deepEqual(told, [
    `build_started: ${build}`,
    `step_finished: ${build}\t1\t${log}`,
    `build_finished: ${build}`,
  ]);
  assert.equal((await rowOf(farm, build))?.notifies, true);
  await listener.close();
});

test('a fixed output is built, and found there by the next evaluation', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const attributes = (salt: string): string => `{
    outputHashMode = "flat"; outputHashAlgo = "sha256"; salt = "${salt}";
    outputHash = builtins.hashString "sha256" "contents";
  }`;
  const first = await farm.queue('fixed', 'printf contents > $out', attributes('1'));
  assert.equal(await farm.statusOf(first.build), 0);
  assert.equal((await rowOf(farm, first.build))?.cached, 0);
  const second = await farm.queue('fixed', 'printf contents > $out', attributes('2'));
  assert.notEqual(second.derivation, first.derivation);
  assert.equal(await farm.statusOf(second.build), 0);
  assert.deepEqual(await rowOf(farm, second.build), {
    cached: 1,
    notifies: true,
    releaseName: null,
  });
});

test('a feature that a builder offers may be required, and products may have spaces in their names', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint, {
    settings: { supportedFeatures: ['benchmark'] },
  });
  const { build } = await farm.queue(
    'products',
    `mkdir -p $out/nix-support; echo text > "$out/some text.txt"
     echo "doc none \\"$out/some text.txt\\"" > $out/nix-support/hydra-build-products
     echo release-7 > $out/nix-support/hydra-release-name`,
    '{ requiredSystemFeatures = [ "benchmark" ]; }',
  );
  assert.equal(await farm.statusOf(build), 0);
  assert.equal((await rowOf(farm, build))?.releaseName, 'release-7');
  const products = await farm.database.query(
    'select type, subtype, name, filesize::int4 as size from buildproducts where build = $1',
    [build],
  );
  assert.deepEqual(products, [{ type: 'doc', subtype: 'none', name: 'some text.txt', size: 5 }]);
});

test('what is there although no step has made it gets a row, once, and nobody is told', async () => {
  await using farm = await openLiveFarm();
  const lower = 'echo lower > $out';
  const below = await farm.queue('lower', lower);
  await nix(farm, 'nix-store', '--realise', derivationFile(farm, below));
  await farm.database.query('delete from builds where id = $1', [below.build]);
  const told: string[] = [];
  const listener = await farm.database.listen(
    ['step_started', 'step_finished'],
    (channel, payload) => void told.push(`${channel}: ${payload}`),
    () => {},
  );
  const upper = `{ input = run "lower" "${lower}" {}; }`;
  const one = await farm.queue('one', 'cat $input; echo > $out', upper);
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  assert.equal(await farm.statusOf(one.build), 0);
  const other = await farm.queue('other', 'cat $input; echo > $out', upper);
  assert.equal(await farm.statusOf(other.build), 0);
  const rows = await farm.database.query(
    `select s.build, s.type, s.status, s.busy, s.machine, s.system, s.errormsg as message,
       s.starttime = s.stoptime as "isMoment", o.name, o.path like '%-lower' as "isOutput"
     from buildsteps s join buildstepoutputs o on o.build = s.build and o.stepnr = s.stepnr
     where s.drvpath = $1`,
    [derivationFile(farm, below)],
  );
  assert.deepEqual(rows, [
    {
      build: one.build,
      type: 1,
      status: 0,
      busy: 0,
      machine: '',
      system: null,
      message: null,
      isMoment: true,
      name: 'out',
      isOutput: true,
    },
  ]);
  assert.deepEqual(
    (await farm.steps(other.build)).map(({ status, machine }) => [status, machine]),
    [[0, 'ares']],
  );
  await until(() => told.filter((line) => line.startsWith('step_finished')).length === 2);
  assert.ok(told.every((line) => !line.includes(`: ${one.build}\t1\t`)));
  await listener.close();
});

/** A farm that publishes to a store of which its daemon takes what it lacks; `publish` leaves an output there alone. */
async function openPublishingFarm() {
  await using opening = new AsyncDisposableStack();
  const cache = opening.adopt(await mkdtemp(join(tmpdir(), 'published-')), (path) =>
    rm(path, { recursive: true }),
  );
  const url = `file://${cache}`;
  // It is asked before anything is there.
  const settings = { 'require-sigs': 'false', 'narinfo-cache-negative-ttl': '0' };
  const farm = opening.use(
    await openLiveFarm({ daemonSettings: { substituters: url, ...settings } }),
  );
  const { storeDirectory } = farm.daemon.address;
  const runner = opening.use(
    await farm.startRunner({
      remoteStoreAddr: [`${url}?store=${storeDirectory}`],
      useSubstitutes: true,
      rootsDir: join(farm.folder, 'roots'),
    }),
  );
  const open = opening.move();
  return {
    farm,
    runner,
    script: `echo ran >> ${farm.folder}/ran; echo lower > $out`,
    published: async (queued: QueuedScript): Promise<string> => {
      const output = await nix(farm, 'nix-store', '-q', '--outputs', derivationFile(farm, queued));
      const [hash] = basename(output).split('-');
      await until(() => readFile(join(cache, `${hash}.narinfo`)).catch(() => null));
      return output;
    },
    /** Who has built or published it lets go of it in a moment. */
    remove: (output: string) =>
      until(() =>
        nix(farm, 'nix-store', '--delete', output).then(
          () => true,
          () => false,
        ),
      ),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

test('a dependency whose output is gone here, but not from the store that is published to, is fetched and not built again', async () => {
  await using opened = await openPublishingFarm();
  const { farm, runner, script } = opened;
  const withBuilder = async (...queued: readonly QueuedScript[]): Promise<void> => {
    await using _builder = await farm.startBuilder(runner.endpoint);
    for (const { build } of queued) assert.equal(await farm.statusOf(build), 0);
  };
  const dependent = (name: string): Promise<QueuedScript> =>
    farm.queue(name, 'cat $input > $out', `{ input = run "lower" ${JSON.stringify(script)} {}; }`);
  const statuses = async ({ build }: QueuedScript): Promise<(number | null)[]> =>
    (await farm.steps(build)).map(({ status }) => status);

  const below = await farm.queue('lower', script);
  await withBuilder(below);
  const output = await opened.published(below);
  const sent = await dependent('sent');
  await until(() => runner.progress().unfinishedBuilds === 1);
  // It was there when the build was taken in, and is gone when it is sent.
  await opened.remove(output);
  await withBuilder(sent);
  assert.deepEqual(await statuses(sent), [0]);
  await opened.remove(output);
  const queued = await dependent('queued');
  await withBuilder(queued);
  assert.deepEqual(await statuses(queued), [0, 0]);
  assert.equal(await readFile(`${farm.folder}/ran`, 'utf8'), 'ran\n');
});

test('what a build said is in the file named after its derivation, whether it succeeded or failed', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const succeeds = await farm.queue('succeeds', 'echo went well; echo > $out');
  const fails = await farm.queue('fails', 'echo went wrong; exit 1');
  assert.equal(await farm.statusOf(succeeds.build), 0);
  assert.equal(await farm.statusOf(fails.build), 1);
  assert.equal(await farm.logOf(succeeds), 'went well\n');
  assert.equal(await farm.logOf(fails), 'went wrong\n');
});

test('garbage that is collected during a build is none of what it needs', async () => {
  await using farm = await openLiveFarm();
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint, { apart: true });
  const gate = makeGate(farm.folder, 'gate');
  const input = 'run "input" "echo contents > $out" {}';
  const script = `echo said; ${gate.wait}; read -r line < $input; echo $line > $out`;
  const queued = await farm.queue('needs', script, `{ input = ${input}; }`);
  await until(async () => (await farm.steps(queued.build)).length === 2);
  await farm.logGrows(queued, 2, 'said\n');
  const file = join(farm.folder, 'garbage');
  await writeFile(file, 'garbage');
  const garbage = await nix(farm, 'nix-store', '--add', file);
  await nix(farm, 'nix-store', '--gc');
  await assert.rejects(readFile(garbage), { code: 'ENOENT' });
  await gate.open();
  assert.equal(await farm.statusOf(queued.build), 0);
});
