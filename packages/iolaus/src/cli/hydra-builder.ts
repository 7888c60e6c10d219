import { builderCommand } from './builder.ts';
import { runProgram } from './run-program.ts';

await runProgram('hydra-builder', builderCommand);
