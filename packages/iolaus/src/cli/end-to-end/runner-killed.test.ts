import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { makeGate } from '../../builder/testing/gate.ts';
import { openFarmDatabase } from '../../testing/farm-database.ts';
import { openFarmFolder } from '../../testing/farm-folder.ts';
import type { FarmFolder } from '../../testing/farm-folder.ts';
import { startIolaus } from '../../testing/iolaus-process.ts';
import { kill, processesOf } from '../../testing/process-list.ts';
import { scriptExpression } from '../../testing/script-expression.ts';

const pollMilliseconds = 20;

test('a runner that is killed loses nothing: the build goes on, and the next runner records it', async () => {
  await using folder = await openFarmFolder();
  const gate = makeGate(folder.path, 'gate');
  const trace = join(folder.path, 'trace');
  const file = await folder.write(
    'long.nix',
    `let ${scriptExpression} in { long = run "long" "echo before; echo start >> ${trace}; ${gate.wait}; echo after; echo > $out" {}; }`,
  );
  await using farm = startIolaus(['up', file, '--state-dir', folder.state, '--port', '0']);
  await untilContains(trace, 'start');
  const first = await runnerOf(folder, 0);
  kill(first, 'SIGKILL');
  const second = await runnerOf(folder, first);
  kill(second, 'SIGKILL');
  await runnerOf(folder, second);
  await gate.open();
  await farm.told(/^All done/m);
  farm.signal('SIGINT');
  assert.equal((await farm.ended).status, 0);

  assert.equal(await readFile(trace, 'utf8'), 'start\n');
  await using ended = await openFarmDatabase(folder.state);
  const steps = await ended.database.query(
    'select stepnr as number, busy, status, errormsg as message from buildsteps',
  );
  assert.deepEqual(steps, [{ number: 1, busy: 0, status: 0, message: null }]);
  assert.deepEqual(await ended.database.query('select * from iolaus.grants'), []);
  const [build] = await ended.database.query<{ drvpath: string }>(
    'select drvpath from builds where buildstatus = 0 and iscachedbuild = 0',
  );
  const name = build?.drvpath.replace(/.*\//, '') ?? '';
  const log = join(folder.state, 'build-logs', name.slice(0, 2), name.slice(2));
  assert.equal(zstdDecompressSync(await readFile(`${log}.zst`)).toString(), 'before\nafter\n');
});

async function untilContains(file: string, text: string): Promise<void> {
  while (!(await readFile(file, 'utf8').catch(() => '')).includes(text)) {
    await sleep(pollMilliseconds);
  }
}

/** The process of the runner, when it is another one than the last. */
async function runnerOf(folder: FarmFolder, last: number): Promise<number> {
  for (;;) {
    const processes = await processesOf(folder.path);
    const runner = processes.find(({ command }) => command.includes('iolaus.js runner '));
    if (runner !== undefined && runner.pid !== last) return runner.pid;
    await sleep(pollMilliseconds);
  }
}
