import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  DaemonConnection,
  generateSecretKey,
  parseStorePath,
  printPublicKey,
  printSecretKey,
  publicKeyOf,
  queryClosure,
} from '@iolaus/nix';
import type { PathInfo, StorePath } from '@iolaus/nix';
import { startPrivateDaemon } from '@iolaus/nix/testing';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { scriptExpression } from '../../testing/script-expression.ts';
import { openClientStore, removeWhole } from './client-store.ts';

const run = promisify(execFile);

/** A store with something built in it, and keys to sign with. */
export type BuiltStore = AsyncDisposable & {
  readonly daemon: PrivateDaemon;
  readonly folder: string;
  readonly path: StorePath;
  /** Dependencies first. */
  readonly closure: readonly PathInfo[];
  readonly keyFiles: readonly string[];
  readonly publicKeys: readonly string[];
  /** Has Nix fetch the path into an empty store, from there only, with signatures of `publicKey`. */
  fetchWithNix(program: 'realise' | 'copy', from: string, publicKey: string): Promise<string>;
};

/** `program` refers to `library`, has a link, an executable, debug symbols, and two MB that do not compress. */
const scripts = `let ${scriptExpression}
  library = run "library" "mkdir -p $out/lib; head -c 2000000 /dev/urandom > $out/lib/noise" {};
in run "program" ''
  mkdir -p $out/bin $out/lib/debug/.build-id/ab
  echo "#!/bin/sh
cat \${library}/lib/noise" > $out/bin/program
  chmod +x $out/bin/program
  ln -s program $out/bin/other
  echo symbols > $out/lib/debug/.build-id/ab/cdef012345.debug
'' {}`;

export async function buildStore(): Promise<BuiltStore> {
  await using building = new AsyncDisposableStack();
  const daemon = building.use(await startPrivateDaemon());
  const folder = building.adopt(await mkdtemp(join(tmpdir(), 'cache-')), removeWhole);
  const { stdout } = await run('nix-build', ['--no-out-link', '--expr', scripts], {
    env: daemon.environment,
  });
  const path = parseStorePath(daemon.address.storeDirectory, stdout.trim());
  const keys = ['first-1', 'second-1'].map(generateSecretKey);
  const keyFiles = await Promise.all(
    keys.map(async (key, index) => {
      const file = join(folder, `key-${index}`);
      // As an editor leaves it.
      await writeFile(file, `${printSecretKey(key)}\n`);
      return file;
    }),
  );
  await using connection = await DaemonConnection.connect(daemon.address);
  const closure = await queryClosure(connection, [path]);
  const built = building.move();
  return {
    daemon,
    folder,
    path,
    closure,
    keyFiles,
    publicKeys: keys.map((key) => printPublicKey(publicKeyOf(key))),
    fetchWithNix: (program, from, publicKey) =>
      fetchWithNix({ daemon, path, program, from, publicKey }),
    [Symbol.asyncDispose]: () => built.disposeAsync(),
  };
}

/** Returns what the program in the fetched path says. */
async function fetchWithNix(options: {
  readonly daemon: PrivateDaemon;
  readonly path: StorePath;
  readonly program: 'realise' | 'copy';
  readonly from: string;
  readonly publicKey: string;
}): Promise<string> {
  const { daemon, path, program, from, publicKey } = options;
  await using client = await openClientStore({ daemon, substituter: from, publicKey });
  const full = `${daemon.address.storeDirectory}/${path}`;
  if (program === 'realise') await client.run('nix-store', '--realise', full);
  else await client.run('nix', 'copy', '--from', from, full);
  return await client.read(path, 'bin/program');
}
