import { spawnSync } from 'node:child_process';
import { prepareMachine } from './machine.ts';

// Every test file is a process of its own: they start servers and daemons, and none may see another's leftovers.
// One at a time for each core; a file that waits longer than this hangs.
const minutesForOneFile = 10;

prepareMachine();
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
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
