import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DaemonConnection } from '@iolaus/nix';
import type { DaemonAddress } from '@iolaus/nix';
import type { PrivateDaemon } from '@iolaus/nix/testing';
import { removeStore } from '../farm-folder.ts';
import { startProgram } from '../child-program.ts';

/**
 * As good as another machine: its programs see a store of their own at the place of the first one's, have a daemon of their
 * own, and another host name.
 */
export interface OtherMachine extends AsyncDisposable {
  readonly address: DaemonAddress;
  readonly environment: Record<string, string>;
  /** Before the command of a program that is to run there. */
  readonly enter: readonly string[];
}

const pollMilliseconds = 20;

export async function openOtherMachine(
  first: PrivateDaemon,
  hostname: string,
): Promise<OtherMachine> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.adopt(await mkdtemp(join(tmpdir(), 'nix-')), removeStore);
  const store = join(folder, 'store');
  for (const each of [store, join(folder, 'home'), join(folder, 'var/nix')]) {
    await mkdir(each, { recursive: true });
  }
  await cp(join(first.directory, 'etc'), join(folder, 'etc'), { recursive: true });
  const moved = Object.entries(first.environment).map(([name, value]) => [
    name,
    name === 'NIX_STORE_DIR' ? value : value.replace(first.directory, folder),
  ]);
  const environment = { ...Object.fromEntries(moved), NIX_REMOTE: '' };
  const enter = enterNamespaces(hostname, store, first.address.storeDirectory);
  const daemon = opening.use(
    startProgram([...enter, 'nix-daemon'], { environment, secondsMax: 600 }),
  );
  const address = { ...first.address, socketPath: join(folder, 'socket') };
  const failed = daemon.ended.then(({ stderr }) => assert.fail(`no daemon there: ${stderr}`));
  await Promise.race([untilAnswers(address), failed]);
  const open = opening.move();
  return { address, environment, enter, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** Of Linux: a host name and a view of the file system that are the program's alone. */
function enterNamespaces(hostname: string, store: string, place: string): readonly string[] {
  const script = 'hostname "$1" && mount --bind "$2" "$3" && shift 3 && exec "$@"';
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const namespaces = ['--mount', '--uts', '--propagation', 'private'];
  return ['unshare', ...user, ...namespaces, 'sh', '-c', script, 'sh', hostname, store, place];
}

async function untilAnswers(address: DaemonAddress): Promise<void> {
  for (;;) {
    try {
      await using _connection = await DaemonConnection.connect(address);
      return;
    } catch {
      await sleep(pollMilliseconds);
    }
  }
}
