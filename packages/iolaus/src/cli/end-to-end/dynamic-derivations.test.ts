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
