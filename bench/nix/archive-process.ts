import { closeSync, openSync, readFileSync } from 'node:fs';
import { hashPath } from '../../packages/nix/src/nar/measure-nar.ts';
import { readAhead } from '../../packages/nix/src/nar/read-ahead.ts';
import { restoreNar } from '../../packages/nix/src/nar/restore-nar.ts';

// archive-process.ts dump TREE | restore ARCHIVE TARGET: works once for each message, and answers with the seconds it
// took and the most memory so far.
const [work, source = '', target = ''] = process.argv.slice(2);

async function restore(): Promise<void> {
  const descriptor = openSync(source, 'r');
  await restoreNar(readAhead(descriptor), target);
  closeSync(descriptor);
}

/** Linux only. `maxRSS` would not do: it begins with what the process had that started this one. */
function mostMemoryInMb(): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kib) / 1_024;
}

process.on('message', () => {
  void (async () => {
    const start = performance.now();
    await (work === 'dump' ? hashPath(source) : restore());
    const seconds = (performance.now() - start) / 1_000;
    process.send?.({ seconds, rssMb: mostMemoryInMb() });
  })();
});
