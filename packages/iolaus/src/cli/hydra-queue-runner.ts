import { runProgram } from './runner/run-program.ts';
import { runnerCommand } from './runner/runner.ts';

await runProgram('hydra-queue-runner', runnerCommand);
