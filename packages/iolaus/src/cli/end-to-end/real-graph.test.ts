import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openFarmDatabase } from '../../testing/farm-database.ts';
import { openFarmFolder } from '../../testing/farm-folder.ts';
import { runIolaus } from '../../testing/iolaus-process.ts';
import { readReport } from '../../testing/read-report.ts';
import { chooseFailing, foretell, readGraph, twinExpression } from '../../testing/twin-graph.ts';

const graph = fileURLToPath(
  new URL('../../../fixtures/nixos-20.09-first-2200.jsonl.gz', import.meta.url),
);
const failingShare = 0.01;

test('a twin of 2,200 derivations of NixOS comes out exactly as foretold', async (context) => {
  await using folder = await openFarmFolder();
  const nodes = readGraph(graph, 2_200);
  const failing = chooseFailing(nodes, failingShare, 'twin');
  const foretold = foretell(nodes, failing);
  assert.ok(foretold.failed > 0 && foretold.notBuilt > 0, JSON.stringify(foretold));
  const file = await folder.write(
    'twin.nix',
    twinExpression(nodes, { salt: 'twin', failing, wanted: 'all' }),
  );

  const end = await runIolaus(
    ['build', file, '--state-dir', folder.state, '--slots', '4', '--json'],
    { secondsMax: 500 },
  );

  assert.equal(end.status, 1, end.stderr);
  const report = readReport(end.stdout);
  context.diagnostic(`${JSON.stringify(foretold)} in ${report.seconds} s`);
  assert.deepEqual(await countDerivations(folder.state, nodes.length), foretold);
  assert.equal(report.steps, foretold.succeeded + foretold.failed);
  const count = (status: string): number =>
    report.builds.filter((build) => build.status === status).length;
  assert.deepEqual(
    {
      succeeded: count('succeeded'),
      failed: count('failed'),
      notBuilt: count('dependency-failed'),
    },
    foretold,
  );
});

/** By the rows of attempts, of which there must be one for each derivation that was begun. */
async function countDerivations(
  state: string,
  all: number,
): Promise<{ succeeded: number; failed: number; notBuilt: number }> {
  await using farm = await openFarmDatabase(state);
  const [row] = await farm.database.query<{ succeeded: number; failed: number; rows: number }>(
    `select count(distinct drvpath) filter (where status = 0)::int4 as succeeded,
       count(distinct drvpath) filter (where status = 1)::int4 as failed, count(*)::int4 as rows
     from buildsteps where type = 0 and starttime is not null`,
  );
  assert.ok(row);
  assert.equal(row.rows, row.succeeded + row.failed, 'each derivation was begun once');
  return { succeeded: row.succeeded, failed: row.failed, notBuilt: all - row.rows };
}
