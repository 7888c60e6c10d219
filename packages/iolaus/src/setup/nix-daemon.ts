import { join } from 'node:path';
import type { DaemonAddress } from '@iolaus/nix';
import { findDaemon } from './existing-daemon.ts';
import type { NixInstallation } from './nix-installation.ts';
import { startPrivateDaemon } from './private-daemon.ts';
import { preparePrivateStore } from './private-store.ts';

/** A Nix daemon that builds what this user asks for. */
export interface ProvidedDaemon extends AsyncDisposable {
  readonly address: DaemonAddress;
  /** To be laid over this process's: Nix's commands are then found, and are clients of this daemon. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether it is ours, with a store of its own. */
  readonly private: boolean;
  /** Null: not ours. */
  readonly processId: number | null;
  /** Ends a private daemon and what it builds within three seconds; leaves any other alone. */
  stop(): Promise<void>;
}

export type DaemonOptions = {
  /** A private daemon has its store in the folder `nix` below. */
  readonly dataDirectory: string;
  /** Where a private daemon is to listen. */
  readonly socketPath: string;
  readonly nix: NixInstallation;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
};

/**
 * Takes the daemon that the environment names or that listens at the usual place, if it trusts this user; otherwise
 * starts a private one.
 * @throws Fault `daemon-refused` or `daemon-unreachable` where the environment names a daemon that will not do,
 * `child-failed` where a private one does not start
 */
export async function provideDaemon(options: DaemonOptions): Promise<ProvidedDaemon> {
  const found = await findDaemon(options.environment, options.signal);
  return found === null ? startOwn(options) : useExisting(found, options);
}

function useExisting(address: DaemonAddress, options: DaemonOptions): ProvidedDaemon {
  const remote = options.environment['NIX_REMOTE'] ?? '';
  const nothing = async () => {};
  return {
    address,
    environment: {
      PATH: searchPath(options),
      NIX_REMOTE: remote.startsWith('unix://') ? remote : 'daemon',
    },
    private: false,
    processId: null,
    stop: nothing,
    [Symbol.asyncDispose]: nothing,
  };
}

async function startOwn(options: DaemonOptions): Promise<ProvidedDaemon> {
  const store = preparePrivateStore(join(options.dataDirectory, 'nix'), options.socketPath);
  const { nix, environment, signal } = options;
  const daemon = await startPrivateDaemon(store, nix, environment, signal);
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= Promise.resolve(daemon[Symbol.asyncDispose]()));
  return {
    address: store.address,
    environment: { PATH: searchPath(options), ...store.clientEnvironment },
    private: true,
    processId: daemon.processId,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function searchPath({ nix, environment }: DaemonOptions): string {
  const directories = (environment['PATH'] ?? '').split(':').filter((part) => part !== '');
  if (directories.includes(nix.programs)) return directories.join(':');
  return [...directories, nix.programs].join(':');
}
