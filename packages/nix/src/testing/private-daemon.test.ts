import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DaemonConnection } from '../daemon/connection.ts';
import { parseStorePath } from '../store-path/store-path.ts';
import { startPrivateDaemon } from './private-daemon.ts';

test("a private daemon serves us and Nix's own commands, and leaves nothing behind", async () => {
  const daemon = await startPrivateDaemon();
  const file = join(daemon.directory, 'file');
  await writeFile(file, 'contents');
  const { stdout } = await promisify(execFile)('nix-store', ['--add', file], {
    env: daemon.environment,
  });
  const path = parseStorePath(daemon.address.storeDirectory, stdout.trim());
  const connection = await DaemonConnection.connect(daemon.address);
  assert.equal(await connection.isValidPath(path), true);
  await connection[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  assert.equal(existsSync(daemon.directory), false);
  await assert.rejects(DaemonConnection.connect(daemon.address), { kind: 'unreachable' });
});

test('settings go over the defaults', async () => {
  await using daemon = await startPrivateDaemon({ 'max-jobs': '7' });
  const { stdout } = await promisify(execFile)('nix', ['show-config', '--json'], {
    env: daemon.environment,
  });
  const settings: { readonly [name: string]: { readonly value: unknown } } = JSON.parse(stdout);
  assert.equal(settings['max-jobs']?.value, 7);
  assert.equal(settings['sandbox']?.value, false);
});

test('a private daemon is ready for many at once', async () => {
  await using daemon = await startPrivateDaemon();
  const connections = await Promise.all(
    Array.from({ length: 20 }, () => DaemonConnection.connect(daemon.address)),
  );
  await Promise.all(connections.map((connection) => connection[Symbol.asyncDispose]()));
});
