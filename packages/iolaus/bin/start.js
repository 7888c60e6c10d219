// Iolaus runs on Node.js 24, which npm brings along. Where an older one starts one of its programs, it hands over.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const oldestMajor = 24;

/** Runs the module, a URL, in this process or in a fitting one; `program` is the file that was started. */
export async function start(program, module) {
  if (Number(process.versions.node.split('.')[0]) >= oldestMajor) await import(module);
  else handOver(fileURLToPath(program));
}

function handOver(program) {
  const node = findNode();
  if (node === undefined) {
    console.error(
      `iolaus needs Node.js ${oldestMajor} or newer; this is ${process.versions.node}.`,
    );
    console.error('Run `npm ci` in its folder, which brings a fitting one along.');
    process.exit(2);
  }
  // Sockets that a service manager has opened come after the first three.
  const sockets = Number(process.env.LISTEN_FDS ?? 0);
  const { LISTEN_PID: _, ...environment } = process.env;
  const child = spawn(node, [program, ...process.argv.slice(2)], {
    stdio: Array.from({ length: 3 + sockets }, (_, descriptor) => descriptor),
    env: environment,
  });
  // An interrupt at the terminal reaches it anyway; what a service manager or a person sends goes to us alone.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (status, signal) => process.exit(signal === null ? (status ?? 1) : 1));
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
