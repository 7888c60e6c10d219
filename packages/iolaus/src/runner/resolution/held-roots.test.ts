import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openLiveFarm, until } from '../../testing/live-farm.ts';
import type { LiveFarm } from '../../testing/live-farm.ts';
import { markedJobs } from '../../testing/marked-jobs.ts';

/** The roots by which the daemon keeps resolved derivations, as Nix tells them. */
async function heldRoots({ daemon, folder }: LiveFarm): Promise<string[]> {
  const words = ['--gc', '--print-roots'];
  const { stdout } = await promisify(execFile)('nix-store', words, { env: daemon.environment });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith(join(folder, 'queue-runner/resolved-derivations')));
}

/** Queues what is resolved when its input is built, and then waits for a file. */
async function queueWaiting(farm: LiveFarm, name: string, flag: string): Promise<number> {
  const script = `until [ -e ${flag} ]; do sleep 0.05; done; cat \${upstream "${name}"} > $out`;
  const jobs = `{ ${name} = make "${name}" "${script}" floating; }`;
  const queued = await farm.queueAll(markedJobs(farm, jobs), name);
  return queued[name]?.build ?? assert.fail();
}

const untilHeld = (farm: LiveFarm, count: number): Promise<unknown> =>
  until(async () => (await heldRoots(farm)).length === count);

test('what a derivation was resolved into is a root until it is built, or a later runner finds that nobody needs it', async () => {
  await using farm = await openLiveFarm();
  const flag = join(farm.folder, 'flag');
  let cancelled = 0;
  {
    await using runner = await farm.startRunner();
    await using _builder = await farm.startBuilder(runner.endpoint);
    const built = await queueWaiting(farm, 'built', flag);
    cancelled = await queueWaiting(farm, 'cancelled', join(farm.folder, 'never'));
    await untilHeld(farm, 2);
    await writeFile(flag, '');
    assert.equal(await farm.statusOf(built), 0);
    await untilHeld(farm, 1);
  }
  assert.match((await heldRoots(farm)).join(), /-cancelled\.drv -> /, 'the next runner needs it');
  await farm.database.query(
    'update builds set finished = 1, buildstatus = 4, starttime = 1, stoptime = 1 where id = $1',
    [cancelled],
  );
  await using _next = await farm.startRunner();
  await untilHeld(farm, 0);
});
