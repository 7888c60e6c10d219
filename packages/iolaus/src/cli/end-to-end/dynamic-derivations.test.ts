import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findNewerNix } from '@iolaus/nix/testing';
import { openLiveFarm } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';

const succeeded = 0;
const dependencyFailed = 2;
const aborted = 3;

/** A derivation that produces another one: `produce NAME DERIVATION`. */
const prelude = `
  floating = { __contentAddressed = true; outputHashMode = "recursive"; outputHashAlgo = "sha256"; };
  text = { __contentAddressed = true; outputHashMode = "text"; outputHashAlgo = "sha256"; };
  produce = name: made: run "\${name}.drv" "cp \${builtins.unsafeDiscardOutputDependency made.drvPath} $out" text;
  outputOf = made: builtins.outputOf made.outPath "out";`;

/** Daemons from 2.34 on build what derivations produce. */
const programs = await findNewerNix('sid');

const openNewFarm = (folder: string): Promise<LiveFarm> =>
  openLiveFarm({
    daemonSettings: { 'experimental-features': 'nix-command ca-derivations dynamic-derivations' },
    programs: folder,
  });

type Row = { readonly name: string; readonly status: number; readonly message: string | null };

const rows = (farm: LiveFarm, build: number): Promise<Row[]> =>
  farm.database.query<Row>(
    `select regexp_replace(drvpath, '^.*/[a-z0-9]{32}-', '') as name, status, errormsg as message
     from buildsteps where build = $1 order by stepnr`,
    [build],
  );

test('what derivations produce is built, chains and several consumers included', async (context) => {
  if (programs === null) return context.diagnostic('there is no newer Nix here');
  await using farm = await openNewFarm(programs.folder);
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const queued = await farm.queueAll(`let ${prelude}
      source = run "source" "echo deep > $out" floating;
      inner = run "inner" "cat \${source} > $out; echo more > $dev" (floating // { outputs = [ "out" "dev" ]; });
      once = produce "inner" inner;
      twice = produce "inner.drv" once;
    in {
      one = run "one" "cat \${outputOf once} > $out" { };
      chain = run "chain" "cat \${builtins.outputOf (outputOf twice) "dev"} > $out" floating;
      again = run "again" "cat \${builtins.outputOf once.outPath "dev"} \${outputOf once} > $out" floating;
    }`);
  for (const [name, { build }] of Object.entries(queued)) {
    const status = await farm.statusOf(build);
    assert.equal(status, succeeded, `${name} ${JSON.stringify(await rows(farm, build))}`);
  }
  const all = await Promise.all(Object.values(queued).map(({ build }) => rows(farm, build)));
  const told = all
    .flat()
    .map(({ name, status }) => `${name} ${status}`)
    .toSorted();
  assert.deepEqual(told, [
    'again.drv 0',
    'again.drv 13',
    'chain.drv 0',
    'chain.drv 13',
    'inner.drv 0',
    'inner.drv 13',
    'inner.drv.drv 0',
    'inner.drv.drv.drv 0',
    'one.drv 0',
    'one.drv 13',
    'source.drv 0',
  ]);
});

test('a producer may itself be resolved, and may be there already', async (context) => {
  if (programs === null) return context.diagnostic('there is no newer Nix here');
  await using farm = await openNewFarm(programs.folder);
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const consumer = (name: string): string => `let ${prelude}
      source = run "source" "echo late > $out" floating;
      made = run "made" "cat \${source} > $out" floating;
      late = run "late.drv" "read x < \${source}; cp \${builtins.unsafeDiscardOutputDependency made.drvPath} $out" text;
    in { ${name} = run "${name}" "cat \${outputOf late} > $out" floating; }`;
  const rowsOf = async (name: string): Promise<string[]> => {
    const queued = await farm.queueAll(consumer(name));
    const build = queued[name]?.build ?? 0;
    const found = await farm.statusOf(build).then(() => rows(farm, build));
    return found.map((row) => `${row.name} ${row.status}`);
  };
  assert.deepEqual(await rowsOf('first'), [
    'source.drv 0',
    'late.drv.drv 13',
    'late.drv.drv 0',
    'late.drv 13',
    'late.drv 0',
    'first.drv 13',
    'first.drv 0',
  ]);
  assert.deepEqual(await rowsOf('second'), ['second.drv 13', 'second.drv 0']);
});

test('a graph that is produced whole is resolved derivation by derivation', async (context) => {
  if (programs === null) return context.diagnostic('there is no newer Nix here');
  await using farm = await openNewFarm(programs.folder);
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const queued = await farm.queueAll(`let ${prelude}
      node = name: inputs: run name "cat /dev/null \${toString inputs} > $out; echo \${name} >> $out" floating;
      a = node "a" [ ];
      b = node "b" [ a ];
      c = node "c" [ a ];
      d = node "d" [ b c ];
      e = node "e" [ b c d ];
    in { wrapper = run "wrapper" "cat \${outputOf (produce "e" e)} > $out" floating; }`);
  const build = queued['wrapper']?.build ?? 0;
  assert.equal(await farm.statusOf(build), succeeded);
  const told = (await rows(farm, build)).map(({ name, status }) => `${name} ${status}`).toSorted();
  const resolved = ['b', 'c', 'd', 'e', 'wrapper'];
  assert.deepEqual(
    told,
    [
      'a.drv 0',
      'e.drv.drv 0',
      ...resolved.flatMap((name) => [`${name}.drv 0`, `${name}.drv 13`]),
    ].toSorted(),
  );
});

test('what is produced amiss fails with what is wrong with it', async (context) => {
  if (programs === null) return context.diagnostic('there is no newer Nix here');
  await using farm = await openNewFarm(programs.folder);
  await using runner = await farm.startRunner();
  await using _builder = await farm.startBuilder(runner.endpoint);
  const queued = await farm.queueAll(`let ${prelude} in {
      nonsense = run "a" "cat \${outputOf (run "bad.drv" "echo nonsense > $out" text)} > $out" floating;
      lacking = run "b" "cat \${builtins.outputOf (produce "plain" (run "plain" "echo > $out" { })).outPath "dev"}" floating;
    }`);
  const message = async (name: string, status: number): Promise<string> => {
    const build = queued[name]?.build ?? 0;
    assert.equal(await farm.statusOf(build), status);
    return (await rows(farm, build)).at(-1)?.message ?? '';
  };
  assert.match(await message('nonsense', dependencyFailed), /error parsing derivation .*bad\.drv/);
  assert.match(
    await message('lacking', aborted),
    /plain\.drv has no output dev, which is needed; it has out/,
  );
});
