import { runProgram } from './run-program.ts';
import { runnerCommand } from './runner.ts';

await runProgram('hydra-queue-runner', runnerCommand);
