import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openFarmDatabase } from '../../testing/farm-database.ts';
import { openFarmFolder } from '../../testing/farm-folder.ts';
import type { FarmFolder } from '../../testing/farm-folder.ts';
import { runIolaus } from '../../testing/iolaus-process.ts';
import { readReport, statuses } from '../../testing/read-report.ts';
import type { PrintedReport } from '../../testing/read-report.ts';
import { scriptExpression } from '../../testing/script-expression.ts';

const escape = '\u001b';

test('every way to end has its word, and the statuses of the command agree', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write('endings.nix', endings);
  const config = await folder.write(
    'limits.toml',
    '[runner]\nmaxLogSize = 20000\nmaxOutputSize = 100000\n',
  );

  const end = await build(folder, [file, '--config', config, '--json']);

  assert.equal(end.status, 1, end.stderr);
  const report = readReport(end.stdout);
  assert.deepEqual(statuses(report), {
    'above.indirect': 'dependency-failed',
    bad: 'failed',
    broken: 'evaluation-failed',
    good: 'succeeded',
    large: 'output-limit-exceeded',
    noisy: 'log-limit-exceeded',
    slow: 'timed-out',
  });
  // What depends on a failed step is never begun, and what cannot be evaluated even less.
  assert.equal(report.steps, 5);
  assert.ok(report.seconds > 0);
  checkGood(report);
  checkFailures(report);
  assert.ok(!end.stderr.includes(escape), 'no colours in a pipe');
  assert.match(end.stderr, /^✔ good /m);
  assert.match(end.stderr, /^✖ above\.indirect .* dependency failed$/m);
});

function checkGood(report: PrintedReport): void {
  const good = find(report, 'good');
  assert.match(good.drvPath ?? '', /\/[a-z0-9]{32}-good\.drv$/);
  assert.deepEqual(Object.keys(good.outputs), ['doc', 'out']);
  assert.equal(readFileSync(good.outputs['out'] ?? '', 'utf8'), 'hello\n');
  assert.equal(readFileSync(good.outputs['doc'] ?? '', 'utf8'), 'read me\n');
  assert.ok(Date.parse(good.startedAt ?? '') <= Date.parse(good.stoppedAt ?? ''));
  assert.notEqual(good.machine, null);
  assert.equal(good.error, null);
}

function checkFailures(report: PrintedReport): void {
  const bad = find(report, 'bad');
  assert.match(bad.error ?? '', /exit code 3/);
  assert.deepEqual(bad.outputs, {});
  const above = find(report, 'above.indirect');
  assert.match(above.error ?? '', /bad/);
  assert.equal(above.machine, null);
  const broken = find(report, 'broken');
  assert.deepEqual(
    { ...broken, error: null },
    {
      attr: 'broken',
      drvPath: null,
      status: 'evaluation-failed',
      outputs: {},
      startedAt: null,
      stoppedAt: null,
      machine: null,
      error: null,
    },
  );
  assert.match(broken.error ?? '', /it was never meant to be/);
  for (const { attr, error } of report.builds) {
    assert.equal(error === null, attr === 'good', `${attr}: ${error}`);
  }
}

test('without --json a table ends it, and built again what succeeded is there and what failed is tried anew', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write(
    'again.nix',
    `let ${scriptExpression} in {
      good = run "good" "echo hello > $out" { };
      bad = run "bad" "exit 3" { };
    }`,
  );

  const first = await build(folder, [file]);
  assert.equal(first.status, 1);
  assert.match(first.stdout, /^STATUS +ATTRIBUTE +TIME +MACHINE +RESULT$/m);
  assert.match(first.stdout, /^succeeded +good +.*-good$/m);
  assert.match(first.stdout, /^failed +bad +.*exit code 3/m);
  assert.match(first.stdout, /^1 of 2 succeeded, 2 steps built in /m);
  assert.ok(!first.stdout.includes(escape));

  const second = readReport((await build(folder, [file, '--json'])).stdout);
  assert.deepEqual(statuses(second), { bad: 'failed', good: 'succeeded' });
  assert.equal(second.steps, 1);

  const third = await build(folder, [file, '-A', 'good', '--json']);
  assert.equal(third.status, 0);
  const report = readReport(third.stdout);
  assert.deepEqual(statuses(report), { good: 'succeeded' });
  assert.equal(report.steps, 0);
  assert.ok(existsSync(find(report, 'good').outputs['out'] ?? ''));
});

test('arguments reach the function in the file, -A chooses, --slots bounds what runs at once', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write(
    'function.nix',
    `{ numbers, word, more ? "none" }: let ${scriptExpression}
      number = n: {
        name = "n\${toString n}";
        value = run "\${word}-\${toString n}" alone { inherit more; };
      };
      # Fails where another one is at it, too.
      alone = ''
        mkdir ${folder.path}/lock
        sleep 0.1
        rmdir ${folder.path}/lock
        echo "$name $more" > $out
      '';
    in {
      wanted = builtins.listToAttrs (map number numbers) // { recurseForDerivations = true; };
      unwanted = run "unwanted" "exit 1" { };
    }`,
  );

  const end = await build(folder, [
    file,
    '-A',
    'wanted',
    '--slots',
    '1',
    '--json',
    '--arg',
    'numbers',
    '[ 1 2 3 ]',
    '--argstr',
    'word',
    'it-is',
  ]);

  assert.equal(end.status, 0, end.stdout + end.stderr);
  const report = readReport(end.stdout);
  assert.deepEqual(statuses(report), {
    'wanted.n1': 'succeeded',
    'wanted.n2': 'succeeded',
    'wanted.n3': 'succeeded',
  });
  assert.equal(report.steps, 3);
  const { out = '' } = find(report, 'wanted.n2').outputs;
  assert.equal(readFileSync(out, 'utf8'), 'it-is-2 none\n');
});

test('what a build says of itself is in the database', async () => {
  await using folder = await openFarmFolder();
  const file = await folder.write(
    'release.nix',
    `let ${scriptExpression} in { release = run "release" ''
      mkdir -p $out/nix-support
      echo "the text" > $out/text.txt
      echo "release-1.2.3" > $out/nix-support/hydra-release-name
      echo "doc readme $out/text.txt" > $out/nix-support/hydra-build-products
      echo "coverage 87.5 %" > $out/nix-support/hydra-metrics
    '' { }; }`,
  );

  const end = await build(folder, [file, '--json']);
  assert.equal(end.status, 0, end.stderr);
  const release = find(readReport(end.stdout), 'release');
  const { out = '' } = release.outputs;

  await using farm = await openFarmDatabase(folder.state);
  const rows = (statement: string): Promise<unknown[]> => farm.database.query(statement);
  assert.deepEqual(
    await rows(`select job, drvpath as drv, buildstatus as status, finished, releasename as name,
      size > 0 as "hasSize", closuresize >= size as "hasClosure" from builds`),
    [
      {
        job: 'release',
        drv: release.drvPath,
        status: 0,
        finished: 1,
        name: 'release-1.2.3',
        hasSize: true,
        hasClosure: true,
      },
    ],
  );
  assert.deepEqual(await rows('select name, path from buildoutputs'), [{ name: 'out', path: out }]);
  assert.deepEqual(
    await rows('select productnr, type, subtype, filesize::int4, name, path from buildproducts'),
    [
      {
        productnr: 1,
        type: 'doc',
        subtype: 'readme',
        filesize: 9,
        name: 'text.txt',
        path: `${out}/text.txt`,
      },
    ],
  );
  assert.deepEqual(await rows('select name, unit, value::float8 from buildmetrics'), [
    { name: 'coverage', unit: '%', value: 87.5 },
  ]);
  assert.deepEqual(
    await rows('select stepnr, type, busy, status, machine, drvpath as drv from buildsteps'),
    [{ stepnr: 1, type: 0, busy: 0, status: 0, machine: release.machine, drv: release.drvPath }],
  );
});

const build = (folder: FarmFolder, parameters: readonly string[]): ReturnType<typeof runIolaus> =>
  runIolaus(['build', ...parameters, '--state-dir', folder.state]);

function find(report: PrintedReport, attribute: string): PrintedReport['builds'][number] {
  const found = report.builds.find(({ attr }) => attr === attribute);
  assert.ok(found, `${attribute} is not among ${JSON.stringify(statuses(report))}`);
  return found;
}

const endings = `
let ${scriptExpression}
  bad = run "bad" "echo no; exit 3" { };
in {
  inherit bad;
  good = run "good" "echo hello > $out; echo read me > $doc" { outputs = [ "out" "doc" ]; };
  above = { recurseForDerivations = true; indirect = run "above" "echo $bad > $out" { inherit bad; }; };
  broken = throw "it was never meant to be";
  slow = run "slow" "sleep 60" { } // { meta.timeout = 1; };
  noisy = run "noisy" ''
    count=0
    while [ "$count" -lt 5000 ]; do count=$((count + 1)); echo "this is line $count of many"; done
    echo done > $out
  '' { };
  large = run "large" ''
    text=0123456789abcdef
    for time in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do text=$text$text; done
    echo "$text" > $out
  '' { };
}
`;
