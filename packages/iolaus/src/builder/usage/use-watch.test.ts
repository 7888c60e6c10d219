import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKernelUnits } from './kernel-units.ts';
import { parseProcess, readProcesses } from './processes.ts';
import { UseWatch } from './use-watch.ts';

test('a process whose name looks like fields is read right', () => {
  const fields = '41 1 1 0 -1 0 0 0 0 0 7 3 5 2 20 0 1 0 9000 4096 123 1';
  assert.deepEqual(parseProcess(42, `42 (a) S 1 (b c) S ${fields}`), {
    pid: 42,
    parent: 41,
    startedTicks: 9000,
    userTicks: 12,
    systemTicks: 5,
    residentPages: 123,
  });
});

test('the kernel says the same of this process as the process itself', async () => {
  const own = (await readProcesses()).get(process.pid);
  assert.equal(own?.parent, process.ppid);
  const { pageBytes = 0 } = readKernelUnits() ?? {};
  const ratio = ((own?.residentPages ?? 0) * pageBytes) / process.memoryUsage().rss;
  assert.ok(ratio > 0.5 && ratio < 2, `${ratio}`);
});

test('nothing is told of a build that nothing tells from others', () => {
  using watched = new UseWatch().watch(null);
  assert.equal(watched.use(), null);
});
