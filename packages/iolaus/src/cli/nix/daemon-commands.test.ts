import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { runIolaus } from '../../testing/iolaus-process.ts';

/** Derivations that refer to each other in many ways: each to the two before it, and to every third. */
const graph = `
  let
    at = n: derivation {
      name = "step-\${toString n}"; system = builtins.currentSystem; builder = "/bin/sh";
      args = [ "-c" "for input in $inputs; do echo $input; done > $out" ];
      inputs = map at (builtins.filter (m: m >= 0 && (m >= n - 2 || builtins.elem m [ 0 3 6 ])) (builtins.genList (m: m) n));
    };
  in at 10`;

test('`iolaus nix closure` prints what `nix-store -qR` prints, in the same order', async () => {
  await using daemon = await startPrivateDaemon();
  const derivation = (await nix(daemon, 'nix-instantiate', ['--expr', graph])).trim();
  const output = (await nix(daemon, 'nix-store', ['--realise', derivation])).trim();
  for (const paths of [[derivation], [output], [output, derivation]]) {
    const expected = await nix(daemon, 'nix-store', ['-qR', ...paths]);
    assert.equal((await iolaus(daemon, ['closure', ...paths])).stdout, expected);
    const reversed = await iolaus(daemon, ['closure', '--reverse', ...paths]);
    assert.equal(reversed.stdout.split('\n').reverse().slice(1).join('\n'), expected.trimEnd());
  }
  const link = join(daemon.directory, 'result');
  await symlink(output, link);
  const { stdout: sizes } = await iolaus(daemon, ['closure', '--size', link]);
  assert.match(sizes, /^\d+\t\/.*step-0\n[^]*step-10\n\d+\ttotal\n$/);
  const { stdout: json } = await iolaus(daemon, ['closure', '--json', link]);
  const objects: { path: string; references: string[] }[] = JSON.parse(json);
  assert.equal(objects.at(-1)?.path, output);
  assert.ok(objects.every(({ path, references }) => references.every((each) => each !== path)));
  const missing = await iolaus(daemon, ['closure', output.replace('step', 'stop')]);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /stop-10' is not valid/);
});

test('`iolaus nix store ping` says who answers', async () => {
  await using daemon = await startPrivateDaemon();
  const { stdout } = await iolaus(daemon, ['store', 'ping']);
  assert.match(
    stdout,
    /^Store URL: daemon\nVersion: 2\.[\d.]+\n(Trusted: 1\n)?Protocol: 1\.\d\d\n/,
  );
  const { stdout: json } = await iolaus(daemon, ['store', 'ping', '--json']);
  const { url, version, storeDir } = JSON.parse(json);
  assert.deepEqual(
    [url, stdout.includes(`Version: ${version}\n`), storeDir],
    ['daemon', true, daemon.address.storeDirectory],
  );
});

test('`iolaus nix store ping` says so when nobody answers', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'nix-'));
  const silent = createServer();
  await once(silent.listen(join(directory, 'silent')), 'listening');
  const ping = (socket: string) =>
    runIolaus(['nix', 'store', 'ping', '--timeout', '1'], {
      environment: { NIX_REMOTE: `unix://${join(directory, socket)}` },
    });
  for (const [socket, message] of [
    ['nowhere', /No Nix daemon answers at .*nowhere/],
    ['silent', /does not answer within 1 second/],
  ] as const) {
    const { status, stderr } = await ping(socket);
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
  silent.close();
  await rm(directory, { recursive: true });
});

async function nix(
  daemon: PrivateDaemon,
  program: string,
  parameters: readonly string[],
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...parameters], {
    env: daemon.environment,
  });
  return stdout;
}

function iolaus(daemon: PrivateDaemon, parameters: readonly string[]) {
  return runIolaus(['nix', ...parameters], { environment: daemon.environment });
}
