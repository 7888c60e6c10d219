import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readlinkSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { createLogger } from '../../logging/logger.ts';
import { openGcRoots } from './gc-roots.ts';
import type { GcRoots } from './gc-roots.ts';

async function add(daemon: PrivateDaemon, name: string): Promise<StorePath> {
  const file = join(daemon.directory, name);
  await writeFile(file, name);
  const { stdout } = await promisify(execFile)('nix-store', ['--add', file], {
    env: daemon.environment,
  });
  return parseBaseName(basename(stdout.trim()));
}

async function survivors(daemon: PrivateDaemon): Promise<string> {
  const run = promisify(execFile);
  await run('nix-store', ['--gc'], { env: daemon.environment });
  return (await run('ls', [daemon.address.storeDirectory])).stdout;
}

function open(
  daemon: PrivateDaemon,
  directory: () => string | null,
  lines: string[] = [],
): GcRoots & AsyncDisposable {
  const destination = { isTerminal: false, write: (text: string) => void lines.push(text) };
  return openGcRoots({
    directory,
    daemon: daemon.address,
    stateDirectory: join(daemon.directory, 'var/nix'),
    logger: createLogger({ program: 'test', level: 'warn', destination }),
  });
}

test("outputs with a root outlast a collection, whether the links lie with Nix's own or elsewhere", async () => {
  await using daemon = await startPrivateDaemon();
  const [inside, outside, free] = [
    await add(daemon, 'inside'),
    await add(daemon, 'outside'),
    await add(daemon, 'free'),
  ];
  let directory: string | null = join(daemon.directory, 'var/nix/gcroots/per-user/hydra/roots');
  await using roots = open(daemon, () => directory);
  await roots.keep([inside]);
  await roots.keep([inside]);
  directory = join(daemon.directory, 'elsewhere');
  await roots.keep([outside]);
  directory = null;
  await roots.keep([free]);
  const target = join(daemon.address.storeDirectory, outside);
  assert.equal(readlinkSync(join(daemon.directory, 'elsewhere', outside)), target);
  assert.equal(await survivors(daemon), `${[inside, outside].toSorted().join('\n')}\n`);
  rmSync(join(daemon.directory, 'elsewhere', outside));
  assert.equal(await survivors(daemon), `${inside}\n`);
});

test('a folder where no link can be made is complained of once, and nothing fails', async () => {
  await using daemon = await startPrivateDaemon();
  const path = await add(daemon, 'path');
  const lines: string[] = [];
  await using roots = open(daemon, () => join(daemon.directory, 'etc/nix.conf/roots'), lines);
  await roots.keep([path]);
  await roots.keep([path]);
  assert.equal(lines.length, 1);
});
