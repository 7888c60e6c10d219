import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that the tests use, and the Debian package that brings it. */
type Need = { readonly program: string; readonly debianPackage: string };

const needs: readonly Need[] = [
  { program: 'nix-daemon', debianPackage: 'nix-bin' },
  { program: 'chromium', debianPackage: 'chromium' },
];

/** Installs what the tests need and this machine lacks. Ends the program where that cannot be done. */
export function prepareMachine(): void {
  const missing = needs.filter(({ program }) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = missing.map(({ debianPackage }) => debianPackage);
  console.error(`Installing what the tests need: ${packages.join(', ')}`);
  const administrator = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  run([...administrator, 'apt-get', 'update', '-qq']);
  run([
    ...administrator,
    'apt-get',
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    ...packages,
  ]);
}

function isInstalled(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

function run(command: readonly string[]): void {
  const [program = '', ...parameters] = command;
  const { status, stdout, stderr, error } = spawnSync(program, parameters, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
  });
  if (status === 0) return;
  console.error(
    `${command.join(' ')} failed: ${error?.message ?? `status ${status}`}\n${stdout}${stderr}`,
  );
  process.exit(2);
}
