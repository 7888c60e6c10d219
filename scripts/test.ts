import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepareMachine } from './machine.ts';
import { testFolder } from './test-folder.ts';

// Every test file is a process of its own: they start servers and daemons, and none may see another's leftovers.
// One at a time for each core; a file that waits longer than this hangs.
const minutesForOneFile = 10;
// Most of them start our programs, too: each process would strip types from the same files and compile them.
const compiled = join(import.meta.dirname, '..', 'node_modules', '.cache', 'compiled');

prepareMachine();
const folder = testFolder();
const environment = {
  NODE_COMPILE_CACHE: compiled,
  ...(folder === undefined ? {} : { TMPDIR: folder }),
  ...process.env,
};
const patterns = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-reporter=spec',
    `--test-timeout=${minutesForOneFile * 60_000}`,
    '--test-concurrency=2',
    ...(patterns.length === 0
      ? ['packages/*/{src,fuzz}/**/*.test.ts', 'scripts/*.test.ts']
      : patterns),
  ],
  { stdio: 'inherit', env: environment },
);
process.exit(status ?? 1);
