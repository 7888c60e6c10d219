import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { findOrInstallNix } from './nix-installation.ts';

/** A machine in a folder: its programs are shell scripts. */
let machine: string;
let said: string[];

beforeEach(() => {
  machine = mkdtempSync(join(tmpdir(), 'iolaus-machine-'));
  mkdirSync(join(machine, 'bin'));
  said = [];
});
afterEach(() => rmSync(machine, { recursive: true }));

function addProgram(path: string, script: string): void {
  const file = join(machine, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** An ordinary user may become root without a password. */
function addSudo(): void {
  addProgram('bin/env', 'while [ "${1#*=}" != "$1" ]; do export "$1"; shift; done; exec "$@"');
  addProgram('bin/true', '');
  addProgram('bin/sudo', 'shift; exec "$@"');
}

/** What apt-get does: notes what it was asked for, and on `install` puts Nix in its place. */
function addAptGet(): void {
  addProgram(
    'bin/apt-get',
    `echo "$DEBIAN_FRONTEND $*" >> ${machine}/asked
case "$*" in *install*) for program in nix nix-daemon; do
  echo "#!/bin/sh" > ${machine}/bin/$program; /bin/chmod 755 ${machine}/bin/$program
done;; esac`,
  );
}

function search(system: string): string {
  writeFileSync(join(machine, 'os-release'), system);
  return findOrInstallNix({
    say: (line) => said.push(line),
    environment: { PATH: join(machine, 'bin') },
    usualFolders: [join(machine, 'usual')],
    systemFile: join(machine, 'os-release'),
  }).programs;
}

test('the Nix of this machine is found', () => {
  const { programs } = findOrInstallNix({ say: (line) => said.push(line) });
  assert.ok(existsSync(join(programs, 'nix-daemon')));
  assert.deepEqual(said, []);
});

test('a Nix that the PATH does not know yet is found where it usually is', () => {
  addProgram('usual/nix', '');
  addProgram('usual/nix-daemon', '');
  assert.equal(search('ID=arch\n'), join(machine, 'usual'));
});

test('a nix without a nix-daemon beside it is passed over', () => {
  addProgram('bin/nix', '');
  addProgram('usual/nix', '');
  addProgram('usual/nix-daemon', '');
  assert.equal(search('ID=arch\n'), join(machine, 'usual'));
});

test("on Debian and its kin the system's package is installed, and that is said", () => {
  addSudo();
  addAptGet();
  assert.equal(
    search('NAME="Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n'),
    join(machine, 'bin'),
  );
  assert.match(said.join('\n'), /^There is no Nix on this machine: installing the package nix-bin/);
  const asked = readFileSync(join(machine, 'asked'), 'utf8');
  assert.match(
    asked,
    /^noninteractive .*update\nnoninteractive .*install -y --no-install-recommends nix-bin\n$/,
  );
});

test('an installation that fails shows what the system said', () => {
  addSudo();
  addProgram('bin/apt-get', 'echo "E: no network" >&2; exit 100');
  assert.throws(() => search('ID=debian\n'), {
    code: 'no-nix',
    message: /`apt-get .*update` failed/,
    remedy: /E: no network$/,
  });
});

test('elsewhere the person is told how to get it', () => {
  assert.throws(() => search('ID=fedora\n'), {
    code: 'no-nix',
    exitStatus: 2,
    message: 'there is no Nix on this machine',
    remedy: /^Install it from .*, then start again\.$/,
  });
  assert.deepEqual(said, []);
});
