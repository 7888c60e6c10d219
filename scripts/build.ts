import { chmodSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = fileURLToPath(new URL('../dist/hydra-builder.mjs', import.meta.url));

/** The builder in one file, for a machine that has Node.js 24 and Nix and nothing else of ours. */
await build({
  cwd: root,
  input: 'packages/iolaus/src/cli/hydra-builder.ts',
  platform: 'node',
  // Types are stripped as Node does it.
  tsconfig: false,
  output: {
    file,
    format: 'esm',
    codeSplitting: false,
    banner: '#!/usr/bin/env node',
    comments: { legal: true },
  },
});
chmodSync(file, 0o755);
console.log(`dist/hydra-builder.mjs`);
