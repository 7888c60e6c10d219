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

// Another installation or upgrade may be going on.
const lockWaitSeconds = 120;
// apt-get prints some hundred lines; the last ones tell why it failed.
const shownCharactersMax = 2_000;

export type InstallationOptions = {
  /** A line for the person who waits. */
  say(line: string): void;
  readonly environment?: NodeJS.ProcessEnv;
  /** For tests: where to look besides the PATH, and what describes the system. */
  readonly usualFolders?: readonly string[];
  readonly systemFile?: string;
};

/**
 * Finds Nix, or installs Debian's package where that can be done without asking.
 * @throws Fault `no-nix`
 */
export function findOrInstallNix(options: InstallationOptions): NixInstallation {
  const { environment = process.env, usualFolders = usualFoldersOf(environment) } = options;
  const found = findNix(environment, usualFolders);
  if (found !== undefined) return found;
  const administrator = isDebianLike(options.systemFile ?? '/etc/os-release')
    ? becomeAdministrator(environment)
    : undefined;
  if (administrator === undefined) throw noNix();
  options.say('There is no Nix on this machine: installing the package nix-bin with apt-get');
  install(administrator, environment);
  const installed = findNix(environment, usualFolders);
  if (installed === undefined) throw noNix();
  return installed;
}

/** Where Nix's own installer and NixOS put it, for shells that have not been told. */
function usualFoldersOf(environment: NodeJS.ProcessEnv): string[] {
  return [
    '/nix/var/nix/profiles/default/bin',
    join(environment['HOME'] || homedir(), '.nix-profile', 'bin'),
    '/run/current-system/sw/bin',
  ];
}

/** The first folder that has all of the programs we need, of the PATH and then of the usual ones. */
function findNix(
  environment: NodeJS.ProcessEnv,
  usualFolders: readonly string[],
): NixInstallation | undefined {
  const onPath = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const programs = [...onPath, ...usualFolders].find((folder) =>
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

function isDebianLike(systemFile: string): boolean {
  return (
    existsSync(systemFile) &&
    /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync(systemFile, 'utf8'))
  );
}

/** The words before a command that is to run as root; undefined where this user cannot have that. */
function becomeAdministrator(environment: NodeJS.ProcessEnv): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync('sudo', ['-n', 'true'], { env: environment, stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '-n'] : undefined;
}

function install(administrator: readonly string[], environment: NodeJS.ProcessEnv): void {
  const aptGet = ['apt-get', '-o', `DPkg::Lock::Timeout=${lockWaitSeconds}`];
  runQuietly(administrator, [...aptGet, 'update'], environment);
  runQuietly(
    administrator,
    [...aptGet, 'install', '-y', '--no-install-recommends', 'nix-bin'],
    environment,
  );
}

function runQuietly(
  administrator: readonly string[],
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): void {
  // sudo hands no variables on.
  const quietly = ['env', 'DEBIAN_FRONTEND=noninteractive'];
  const [program = '', ...parameters] = [...administrator, ...quietly, ...command];
  const result = spawnSync(program, parameters, {
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status === 0) return;
  const output = `${result.stdout}${result.stderr}`.trim().slice(-shownCharactersMax);
  throw new Fault('no-nix', `\`${command.join(' ')}\` failed`, {
    remedy: `Install Nix by hand, then start again. What it said:\n${output}`,
    cause: result.error,
  });
}

function noNix(): Fault {
  return new Fault('no-nix', 'there is no Nix on this machine', {
    remedy:
      'Install it from https://nixos.org/download (on Debian and Ubuntu: apt-get install nix-bin), then start again.',
  });
}
