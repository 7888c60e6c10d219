#!/usr/bin/env node
// Iolaus runs on Node.js 24, which npm brings along. Where an older one starts this file, it hands over.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const oldestMajor = 24;

if (Number(process.versions.node.split('.')[0]) >= oldestMajor) {
  await import('../src/cli/main.ts');
} else {
  handOver();
}

function handOver() {
  const node = findNode();
  if (node === undefined) {
    console.error(
      `iolaus needs Node.js ${oldestMajor} or newer; this is ${process.versions.node}.`,
    );
    console.error('Run `npm ci` in its folder, which brings a fitting one along.');
    process.exit(2);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
  const program = fileURLToPath(import.meta.url);
  const { status, signal } = spawnSync(node, [program, ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exit(signal === null ? (status ?? 1) : 1);
}

/** The nearest node_modules/.bin/node above this file. */
function findNode() {
  let folder = new URL('.', import.meta.url);
  for (;;) {
    const candidate = new URL('node_modules/.bin/node', folder);
    if (existsSync(candidate)) return fileURLToPath(candidate);
    const parent = new URL('..', folder);
    if (parent.href === folder.href) return undefined;
    folder = parent;
  }
}
