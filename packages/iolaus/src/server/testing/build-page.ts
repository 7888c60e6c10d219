import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Builds the page from its sources as they are now, into a folder. */
export function buildPage(folder: string): void {
  const manifest = fileURLToPath(import.meta.resolve('@iolaus/web/package.json'));
  const vite = join(
    dirname(createRequire(manifest).resolve('vite/package.json')),
    'bin',
    'vite.js',
  );
  execFileSync(
    process.execPath,
    [vite, 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'],
    {
      cwd: dirname(manifest),
    },
  );
}
