#!/usr/bin/env node
// `iolaus runner` by the name that Hydra's units and tests know.
import { start } from './start.js';

await start(import.meta.url, new URL('../src/cli/hydra-queue-runner.ts', import.meta.url));
