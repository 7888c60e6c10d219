import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Fault } from '../fault/fault.ts';

/** Where Nix's programs are. */
export type NixInstallation = {
  /** The folder with `nix`, `nix-daemon` and their like. */
  readonly programs: string;
};

// Where Nix's own installer puts it, for shells that have not been told.
const usualFolders = [
  '/nix/var/nix/profiles/default/bin',
  join(homedir(), '.nix-profile', 'bin'),
  '/run/current-system/sw/bin',
];

/** Finds Nix, or installs Debian's package where that can be done without asking. */
export function findOrInstallNix(options: { say(line: string): void }): NixInstallation {
  const found = findNix(process.env);
  if (found !== undefined) return found;
  const administrator = howToInstall();
  if (administrator === undefined) throw noNix();
  options.say('There is no Nix on this machine: installing the package nix-bin');
  install(administrator);
  const installed = findNix(process.env);
  if (installed === undefined) throw noNix();
  return installed;
}

/** Looks for `nix` and `nix-daemon` in the PATH, then where Nix's installer puts them. */
export function findNix(environment: NodeJS.ProcessEnv): NixInstallation | undefined {
  const folders = [...(environment['PATH'] ?? '').split(delimiter), ...usualFolders];
  const programs = folders.find((folder) =>
    ['nix', 'nix-daemon'].every((program) => isProgram(join(folder, program))),
  );
  return programs === undefined ? undefined : { programs };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The words before `apt-get`; undefined where it cannot be used. */
function howToInstall(): readonly string[] | undefined {
  if (!isDebianLike() || !existsSync('/usr/bin/apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '-n'] : undefined;
}

function isDebianLike(): boolean {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function install(administrator: readonly string[]): void {
  runQuietly([...administrator, 'apt-get', 'update']);
  runQuietly([...administrator, 'apt-get', 'install', '-y', '--no-install-recommends', 'nix-bin']);
}

function runQuietly(command: readonly string[]): void {
  const [program = '', ...parameters] = command;
  const result = spawnSync(program, parameters, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return;
  throw new Fault('no-nix', `\`${command.join(' ')}\` failed`, {
    remedy:
      `Install Nix by hand, then start again. What it said:\n${result.stdout}${result.stderr}`.trimEnd(),
    cause: result.error,
  });
}

function noNix(): Fault {
  return new Fault('no-nix', 'there is no Nix on this machine', {
    remedy: 'Install it as https://nixos.org/download says, then start again.',
  });
}
