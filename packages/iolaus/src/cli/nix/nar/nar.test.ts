import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../../fault/fault.ts';
import { runFromGroup } from '../../command-group.ts';
import { nixCommands } from '../nix.ts';

const program = fileURLToPath(new URL('../../../../bin/iolaus.js', import.meta.url));

type Ending = { readonly status: number | null; readonly stdout: Buffer; readonly stderr: string };

function run(
  command: string,
  parameters: readonly string[],
  input: Buffer = Buffer.alloc(0),
): Ending {
  const { status, stdout, stderr } = spawnSync(command, parameters, { input });
  return { status, stdout, stderr: stderr.toString() };
}

function nar(parameters: readonly string[], input?: Buffer): Ending {
  return run(process.execPath, [program, 'nix', 'nar', ...parameters], input);
}

function nix(parameters: readonly string[]): Ending {
  return run('nix', ['--extra-experimental-features', 'nix-command', ...parameters]);
}

function printed({ status, stdout, stderr }: Ending): string {
  assert.equal(status, 0, stderr);
  return stdout.toString().trimEnd();
}

type Scene = AsyncDisposable & {
  readonly folder: string;
  readonly tree: string;
  /** The archive of the tree, as Nix makes it. */
  readonly file: string;
  readonly archive: Buffer;
};

/** A tree with all that archives hold. */
async function openScene(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'iolaus-nar-'));
  const [tree, file] = [join(folder, 'tree'), join(folder, 'tree.nar')];
  await mkdir(join(tree, 'bin'), { recursive: true });
  await mkdir(join(tree, 'empty'));
  await writeFile(join(tree, 'bin/run'), '#!/bin/sh\n');
  await chmod(join(tree, 'bin/run'), 0o755);
  await writeFile(join(tree, 'é "quoted"'), 'accent\n');
  await writeFile(join(tree, 'large'), Buffer.alloc(700_001, 'large'));
  await symlink('run', join(tree, 'bin/alias'));
  const { stdout: archive } = run('nix-store', ['--dump', tree]);
  await writeFile(file, archive);
  const dispose = () => rm(folder, { recursive: true });
  return { folder, tree, file, archive, [Symbol.asyncDispose]: dispose };
}

test("`nar ls` prints what Nix's own command prints", async () => {
  await using scene = await openScene();
  const { file } = scene;
  for (const parameters of [
    ['-lR', file, '/'],
    ['-ld', file, '/bin'],
    ['-l', file, '/bin/alias'],
  ])
    assert.equal(printed(nar(['ls', ...parameters])), printed(nix(['nar', 'ls', ...parameters])));
  const json = ['--json', '-R', file, '/'];
  const expected = printed(nix(['nar', 'ls', ...json]));
  assert.equal(printed(nar(['ls', '--format', formatOfNix(), ...json])), expected);
});

/** Which form of JSON the Nix of this machine prints. */
function formatOfNix(): string {
  const [, major = '', minor = ''] = /(\d+)\.(\d+)/.exec(printed(nix(['--version']))) ?? [];
  const version = Number(major) * 100 + Number(minor);
  if (version <= 208) return '2.8';
  return version < 235 ? '2.34' : '2.35';
}

test('`nar dump`, `nar restore`, `nar cat` and `nar hash` agree with Nix', async () => {
  await using scene = await openScene();
  const { tree, file, archive, folder } = scene;
  assert.deepEqual(nar(['dump', tree]).stdout, archive);
  const copy = join(folder, 'copy');
  assert.equal(nar(['restore', copy], archive).status, 0);
  assert.deepEqual(run('nix-store', ['--dump', copy]).stdout, archive);
  const again = nar(['restore', copy], archive);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /^iolaus: .*copy exists already/);
  assert.equal(printed(nar(['cat', file, '/bin/run'])), '#!/bin/sh');
  assert.deepEqual(
    nar(['cat', '-', '/large'], archive).stdout,
    await readFile(join(tree, 'large')),
  );
  for (const options of [[], ['--base32', '--type', 'sha512'], ['--base16', '--type', 'md5']])
    assert.equal(
      printed(nar(['hash', ...options, tree])),
      printed(nix(['hash', 'path', ...options, tree])),
    );
});

test('what is wrong is said in a line, with the status of misuse or of failure', async () => {
  await using scene = await openScene();
  const { tree, file, archive, folder } = scene;
  const [broken, absent] = [join(folder, 'broken.nar'), join(folder, 'absent')];
  await writeFile(broken, archive.subarray(0, 300));
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['ls', file], 2, /takes an archive and a path, not 1 arguments/],
    [['ls', file, 'bin'], 2, /'bin' is no path in an archive/],
    [['ls', '--json', '--format', '3', file, '/'], 2, /--format is '3'/],
    [['ls', '--json', '-d', file, '/'], 2, /--directory means nothing with --json/],
    [['ls', file, '/nothing'], 1, /there is no \/nothing in/],
    [['ls', broken, '/'], 1, /breaks off \(\S+ of '\/bin.*, byte 300\)/],
    [['ls', absent, '/'], 2, /there is no .*absent/],
    [['cat', file, '/bin'], 1, /\/bin is a directory, not a file/],
    [['restore'], 2, /takes a path, not 0 arguments/],
    [['dump', absent], 2, /there is no .*absent/],
    [['hash'], 2, /takes at least one path/],
    [['hash', '--type', 'crc32', tree], 2, /'crc32' is no hash algorithm/],
    [['hash', '--base16', '--sri', tree], 2, /two formats/],
  ];
  for (const [parameters, status, message] of cases)
    await assert.rejects(runFromGroup(nixCommands, ['nar', ...parameters]), (error) => {
      assert.ok(error instanceof Fault, String(error));
      assert.match(error.message, message);
      assert.equal(error.exitStatus, status, error.message);
      assert.ok(error.code !== 'no-such-file' || error.remedy !== undefined, error.message);
      return true;
    });
});

test('a reader that goes away early is no reason to complain', async () => {
  await using scene = await openScene();
  const { tree } = scene;
  const script = '"$1" "$2" nix nar dump "$3" | head -c 100';
  const end = run('sh', ['-c', script, 'sh', process.execPath, program, tree]);
  assert.deepEqual([end.stdout.length, end.stderr], [100, '']);
});
