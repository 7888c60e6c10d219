import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import { provideDaemon } from './nix-daemon.ts';
import type { ProvidedDaemon } from './nix-daemon.ts';
import { findOrInstallNix } from './nix-installation.ts';
import { identifyProcess, isSameProcess } from './process-tree.ts';
import type { ProcessIdentity } from './process-tree.ts';
import { makeShortFolder } from './short-folder.ts';

const run = promisify(execFile);
const nix = findOrInstallNix({ say: () => {} });
let place: string;
before(() => {
  place = mkdtempSync(join(tmpdir(), 'iolaus-daemon-'));
});
after(async () => {
  // Store objects are read-only, folders included.
  await run('chmod', ['-R', 'u+w', place]);
  await rm(place, { recursive: true });
});

/** Nothing names a daemon, and there is none at the usual place. */
const emptyEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: place,
  NIX_STATE_DIR: join(place, 'no-state'),
});

function provide(name: string, environment = emptyEnvironment()): Promise<ProvidedDaemon> {
  const dataDirectory = join(place, name);
  mkdirSync(dataDirectory, { recursive: true });
  const socketPath = join(makeShortFolder(join(dataDirectory, 'run')), 'nix.sock');
  return provideDaemon({ dataDirectory, socketPath, nix, environment });
}

async function build(daemon: ProvidedDaemon, script: string): Promise<string> {
  const expression = `derivation {
    name = "built"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" ${JSON.stringify(script)} ];
    PATH = "/usr/bin:/bin";
  }`;
  const { stdout } = await run('nix-build', ['--no-out-link', '--expr', expression], {
    env: { ...emptyEnvironment(), ...daemon.environment },
  });
  return readFileSync(stdout.trim(), 'utf8').trim();
}

async function identify(pid: number | null): Promise<ProcessIdentity> {
  const identity = await identifyProcess(pid ?? 0);
  assert(identity !== null);
  return identity;
}

async function hasEnded(identity: ProcessIdentity): Promise<boolean> {
  while (await isSameProcess(identity)) await delay(5);
  return true;
}

test('where no daemon answers, a private one does all that is needed until it is stopped', async () => {
  await using daemon = await provide('private');
  assert.equal(daemon.private, true);
  const identity = await identify(daemon.processId);
  assert.equal(await build(daemon, 'echo built > $out'), 'built');
  assert.equal(daemon.address.storeDirectory, join(place, 'private/nix/store'));
  await daemon.stop();
  assert.equal(await isSameProcess(identity), false);
  assert.equal(existsSync(daemon.address.socketPath), false);
});

test('what was built is there when it is started again', async () => {
  const first = await provide('again');
  const output = await build(first, 'echo $$ > $out');
  await first.stop();
  await using second = await provide('again');
  assert.equal(await build(second, 'echo $$ > $out'), output);
});

test('stopping ends what is being built', async () => {
  const daemon = await provide('stopped');
  const pidFile = join(place, 'builder.pid');
  const building = build(daemon, `echo $$ > ${pidFile}; sleep 1000; echo > $out`).catch(
    () => 'ended',
  );
  while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await delay(5);
  const builder = await identify(Number(readFileSync(pidFile, 'utf8')));
  await daemon.stop();
  assert.equal(await isSameProcess(builder), false);
  assert.equal(await building, 'ended');
});

test('a private daemon dies with a process that is killed', async (t) => {
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const options = {
    dataDirectory: join(place, 'killed'),
    socketPath: join(place, 'killed.sock'),
    nix,
  };
  const script = `const { provideDaemon } = await import(${module('nix-daemon.ts')});
    const options = ${JSON.stringify({ ...options, environment: emptyEnvironment() })};
    const { processId } = await provideDaemon(options);
    console.log(processId);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [line] = await once(parent.stdout, 'data');
  const daemon = await identify(Number(line));
  parent.kill('SIGKILL');
  assert.equal(await hasEnded(daemon), true);
});

test('a daemon that an earlier run has left is ended', async () => {
  await using left = await provide('left');
  const identity = await identify(left.processId);
  await using daemon = await provide('left');
  assert.equal(await isSameProcess(identity), false);
  assert.equal(await build(daemon, 'echo new > $out'), 'new');
});

test('another process that has got the number of an earlier daemon lives', async () => {
  mkdirSync(join(place, 'reused/nix'), { recursive: true });
  const innocent = spawn('sleep', ['1000']);
  const { pid } = await identify(innocent.pid ?? null);
  writeFileSync(
    join(place, 'reused/nix/daemon.json'),
    JSON.stringify({ pid, startedAt: 'boot 1' }),
  );
  await using _daemon = await provide('reused');
  assert.equal(innocent.exitCode ?? innocent.signalCode, null);
  innocent.kill();
  await once(innocent, 'exit');
});

test('builds get a short temporary folder however long the path of the data folder is', async (t) => {
  const name = 'long'.repeat(40);
  const [sockets = '', builds = ''] = ['run', 'nix/builds'].map((folder) =>
    makeShortFolder(join(place, name, folder)),
  );
  t.after(() => Promise.all([sockets, builds].map((folder) => rm(folder, { recursive: true }))));
  await using daemon = await provide(name);
  assert.ok(daemon.address.socketPath.startsWith(`${sockets}/`));
  const folder = await build(daemon, 'echo $NIX_BUILD_TOP > $out');
  assert.ok(folder.startsWith(`${builds}/`), folder);
});

test('a daemon that the environment names and that trusts this user is used, and stays', async () => {
  await using existing = await startPrivateDaemon();
  const daemon = await provide('unused', { ...emptyEnvironment(), ...existing.environment });
  assert.equal(daemon.private, false);
  assert.equal(daemon.processId, null);
  assert.deepEqual(daemon.address, existing.address);
  await daemon.stop();
  const merged = { ...daemon, environment: { ...existing.environment, ...daemon.environment } };
  assert.equal(await build(merged, 'echo still > $out'), 'still');
  assert.equal(existsSync(join(place, 'unused/nix')), false);
});

test('one that does not trust this user is refused if it was named, and passed over if not', async () => {
  await using existing = await startPrivateDaemon({ 'trusted-users': 'nobody-that-exists' });
  const { socketPath, storeDirectory } = existing.address;
  const environment = { ...emptyEnvironment(), NIX_STORE_DIR: storeDirectory };
  await assert.rejects(
    provide('distrusted', { ...environment, NIX_REMOTE: `unix://${socketPath}` }),
    {
      code: 'daemon-refused',
      exitStatus: 2,
      message: /does not trust this user/,
      remedy: /trusted-users/,
    },
  );
  const state = join(place, 'state');
  mkdirSync(join(state, 'daemon-socket'), { recursive: true });
  symlinkSync(socketPath, join(state, 'daemon-socket/socket'));
  await using daemon = await provide('distrusted', { ...environment, NIX_STATE_DIR: state });
  assert.equal(daemon.private, true);
});

test('one that works on another store is refused', async () => {
  await using existing = await startPrivateDaemon();
  const named = { ...emptyEnvironment(), NIX_DAEMON_SOCKET_PATH: existing.address.socketPath };
  await assert.rejects(provide('other-store', named), { code: 'daemon-refused' });
});

test('one that hangs up is told to refuse, and one that is not there not to answer', async () => {
  const socketPath = join(place, 'rude.sock');
  const rude = createServer((visitor) => visitor.destroy()).listen(socketPath);
  await once(rude, 'listening');
  const named = { ...emptyEnvironment(), NIX_DAEMON_SOCKET_PATH: socketPath };
  await assert.rejects(provide('rude', named), {
    code: 'daemon-refused',
    message: `the Nix daemon of ${socketPath} does not work for this user`,
  });
  rude.close();
  await once(rude, 'close');
  await assert.rejects(provide('rude', named), {
    code: 'daemon-unreachable',
    message: `no Nix daemon answers at ${socketPath}`,
  });
});

test('settings of the user do not reach a private daemon', async () => {
  const environment = { ...emptyEnvironment(), NIX_CONFIG: 'sandbox = true\nmax-jobs = 0' };
  await using daemon = await provide('own-settings', environment);
  assert.equal(await build(daemon, 'echo free > $out'), 'free');
});
