import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import {
  DaemonConnection,
  derivationJsonFormat,
  fingerprint,
  generateSecretKey,
  parseStorePath,
  printNarinfo,
  printPublicKey,
  publicKeyOf,
  signText,
} from '@iolaus/nix';
import type { DerivationJsonFormat } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { runFromGroup } from '../command-group.ts';
import { runIolaus } from '../../testing/iolaus-process.ts';
import { nixCommands } from './nix.ts';

test("`iolaus nix` prints what Nix's own commands print of a derivation and of its output", async () => {
  await using daemon = await startPrivateDaemon();
  const { derivation, output } = await buildExample(daemon);
  const version = (await nix(daemon, ['--version'])).trim().split(' ').at(-1) ?? '';
  const format = derivationJsonFormat(version);

  const show = format === '2.8' ? ['show-derivation'] : ['derivation', 'show'];
  const shown = await nix(daemon, [...show, '-r', derivation]);
  const layout = ['--format', format, shown.includes('\n  ') ? '--pretty' : '--no-pretty'];
  assert.equal(await iolaus(daemon, ['drv', 'show', '-r', ...layout, derivation]), shown);
  const ofOutput = await iolaus(daemon, ['drv', 'show', ...layout, output]);
  assert.equal(ofOutput, await nix(daemon, [...show, derivation]));

  for (const options of [[], ['-rsS', '--sigs']]) {
    const printed = await iolaus(daemon, ['path-info', ...options, output]);
    assert.equal(printed, await nix(daemon, ['path-info', ...options, output]));
  }
  const json = ['path-info', '--json', '-r', '-S', output];
  const printed = await iolaus(daemon, [
    ...json,
    '--json-format',
    pathInfoFormats.get(format) ?? '2.19',
  ]);
  assert.equal(printed.trimEnd(), (await nix(daemon, json)).trimEnd());

  const link = join(daemon.directory, 'result');
  await symlink(output, link);
  assert.equal(await iolaus(daemon, ['path-info', link]), `${output}\n`);
  assert.match(await iolaus(daemon, ['path-info', '-s', '-h', output]), /\t +0\.[1-9] KiB\n$/);
});

test('what is wrong is said in a line, with the status of misuse or of failure', async () => {
  await using daemon = await startPrivateDaemon();
  const missing = join(daemon.address.storeDirectory, `${'0'.repeat(32)}-missing`);
  const broken = join(daemon.directory, `${'0'.repeat(32)}-broken.drv`);
  await writeFile(broken, 'Derive([],');
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['path-info'], 2, /takes at least one path/],
    [['path-info', missing], 1, /path '.*-missing' is not valid/],
    [['path-info', '/etc/passwd'], 2, /'\/etc\/passwd' is not in the store/],
    [['path-info', '--json-format', '9', missing], 2, /--json-format is '9'/],
    [['drv', 'show'], 2, /takes at least one path/],
    [['drv', 'show', '--format', '2.9', broken], 2, /--format is '2\.9'/],
    [['drv', 'show', broken], 1, /it has no outputs \(outputs, byte 9\)/],
    [['drv', 'show', missing], 1, /is not valid/],
    [['drv', 'show', `${missing}.drv`], 2, /there is no .*-missing\.drv/],
    [['narinfo', 'verify'], 2, /takes at least one file/],
    [['narinfo', 'verify', '--frob', 'x'], 2, /--frob/],
    [['narinfo', 'verify', missing], 2, /there is no/],
  ];
  Object.assign(process.env, daemon.environment);
  for (const [parameters, exitStatus, message] of cases)
    await assert.rejects(runFromGroup(nixCommands, parameters), { exitStatus, message });
});

test('every command explains itself', async () => {
  for (const command of [['drv', 'show'], ['path-info'], ['narinfo', 'verify']]) {
    const { status, stdout } = await runIolaus(['nix', ...command, '--help']);
    assert.equal(status, 0);
    assert.ok(stdout.startsWith(`iolaus nix ${command.join(' ')} [`), stdout);
  }
});

test('a narinfo is trusted by its signature or by its contents, and by nothing else', async () => {
  await using daemon = await startPrivateDaemon();
  const { output, source } = await buildExample(daemon);
  const directory = daemon.address.storeDirectory;
  const key = generateSecretKey('test-1');
  const keys = ['--trusted-public-keys', printPublicKey(publicKeyOf(key))];
  await using connection = await DaemonConnection.connect(daemon.address);
  const write = async (full: string, signed: boolean): Promise<string> => {
    const path = parseStorePath(directory, full);
    const info = (await connection.queryPathInfo(path)) ?? assert.fail();
    const signatures = signed ? [signText(key, fingerprint(directory, info))] : [];
    const file = join(daemon.directory, `${basename(full).slice(0, 32)}.narinfo`);
    const rest = { url: 'nar/x.nar', compression: 'none', fileHash: null, fileSize: null };
    await writeFile(file, printNarinfo(directory, { ...info, ...rest, signatures }));
    return file;
  };
  const verify = (...parameters: string[]) =>
    runIolaus(['nix', 'narinfo', 'verify', ...parameters], { environment: daemon.environment });

  const byContents = await verify(...keys, await write(source, false));
  assert.match(byContents.stdout, /follows from its contents/);
  const unsigned = await verify(...keys, await write(output, false));
  assert.deepEqual([unsigned.status, unsigned.stdout], [1, '']);
  assert.match(unsigned.stderr, /is untrusted: nobody signed it/);
  const file = await write(output, true);
  const signed = await verify(...keys, file);
  assert.match(signed.stdout, /is signed by test-1/);
  assert.equal(signed.status, 0);
  assert.match((await verify(file)).stderr, /only test-1 signed it/);

  const changed = (await readFile(file, 'utf8')).replace(/NarSize: (\d+)/, 'NarSize: 9$1');
  await writeFile(file, changed);
  assert.equal((await verify(...keys, file)).status, 1);
  await writeFile(file, changed.replace(/NarSize: .*/, 'NarSize: 9007199254740993'));
  assert.match((await verify(...keys, file)).stderr, /\(NarSize, byte \d+\)/);
});

/** What `nix path-info --json` prints where it is not told a format. */
const pathInfoFormats = new Map<DerivationJsonFormat, string>([
  ['2.8', '2.8'],
  ['2.33', '1'],
]);

async function buildExample(daemon: PrivateDaemon) {
  const file = join(daemon.directory, 'example.nix');
  const example = `derivation {
    name = "example"; system = builtins.currentSystem; builder = "/bin/sh"; source = ./example.nix;
    args = [ "-c" "echo \${./example.nix} > $out" ];
  }`;
  await writeFile(file, example);
  const run = (program: string, parameters: readonly string[]) =>
    promisify(execFile)(program, [...parameters], { env: daemon.environment });
  const derivation = (await run('nix-instantiate', [file])).stdout.trim();
  const output = (await run('nix-store', ['--realise', derivation])).stdout.trim();
  const { stdout } = await run('nix-store', ['--query', '--references', output]);
  return { derivation, output, source: stdout.trim() };
}

async function nix(daemon: PrivateDaemon, parameters: readonly string[]): Promise<string> {
  const features = ['--extra-experimental-features', 'nix-command'];
  const { stdout } = await promisify(execFile)('nix', [...features, ...parameters], {
    env: daemon.environment,
  });
  return stdout;
}

async function iolaus(daemon: PrivateDaemon, parameters: readonly string[]): Promise<string> {
  const end = await runIolaus(['nix', ...parameters], { environment: daemon.environment });
  assert.equal(end.status, 0, end.stderr);
  return end.stdout;
}
