import { builderCommand } from './builder/builder.ts';
import { runProgram } from './runner/run-program.ts';

await runProgram('hydra-builder', builderCommand);
